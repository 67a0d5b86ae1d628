import type { Logger } from '@cairn/core';
import type { Stream, StreamHandler, Timer } from '@cairn/protocol';
import type { Libp2p, PeerId } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import { parseAddress } from '../libp2p/read-address.ts';
import { explain } from '../libp2p/reasons.ts';
import { hostOf, withoutPeer } from './addresses.ts';
import { type DialBackAnswer, readQuestion, writeAnswer } from './dial-back.ts';

/** Dials for others at the same time, one for each of them. */
const MOST_AT_ONCE = 8;
/** Dials to one host, whoever asks for them. */
const MOST_PER_MINUTE = 16;
const DIAL_MS = 5_000;
const MINUTE_MS = 60_000;

export interface DialBackParts {
  readonly host: Libp2p;
  /** Makes the host that dials for others, when the first of them asks. */
  readonly createProber: () => Promise<Libp2p>;
  readonly timer: Timer;
  readonly log: Logger;
}

/**
 * Tells peers whether they can be dialled, by dialling them: only at the host from which they come, so that nobody can
 * have this machine knock at doors of others, and never more often than a few times a minute.
 */
export function answerDialBacks(parts: DialBackParts): { readonly handler: StreamHandler } & AsyncDisposable {
  const { host, timer, log } = parts;
  let prober: Promise<Libp2p> | null = null;
  const asking = new Set<string>();
  let dialled = new Map<string, number>();

  const refused = (seen: string, reason: string): DialBackAnswer => ({ seen, outcome: 'refused', reason });

  async function answer(peer: PeerId, asked: string): Promise<DialBackAnswer> {
    const connections = host.getConnections(peer).filter(({ direct }) => direct);
    const hosts = connections.flatMap(({ remoteAddr }) => hostOf(remoteAddr) ?? []);
    const [seen = ''] = hosts;
    if (asked === '') return refused(seen, 'no address was asked about');
    const given = parseAddress(asked);
    const at = given === null ? null : hostOf(given);
    if (given === null || at === null || !hosts.includes(at)) {
      return refused(seen, 'that is not where you come from');
    }
    const count = dialled.get(at) ?? 0;
    if (count >= MOST_PER_MINUTE || asking.size >= MOST_AT_ONCE || asking.has(peer.toString())) {
      return refused(seen, 'too many ask');
    }
    if (dialled.size === 0) timer.schedule(MINUTE_MS, forget);
    dialled.set(at, count + 1);
    return { seen, ...(await dial(peer, asked)) };
  }

  function forget(): void {
    dialled = new Map();
  }

  async function dial(peer: PeerId, asked: string): Promise<Pick<DialBackAnswer, 'outcome' | 'reason'>> {
    const wanted = withoutPeer(parseAddress(asked)!);
    const controller = new AbortController();
    const stop = timer.schedule(DIAL_MS, () => controller.abort(new Error('there was no answer in time')));
    asking.add(peer.toString());
    try {
      // The handshake proves that it is the asker who answers there.
      prober ??= parts.createProber();
      const dialler = await prober;
      const connection = await dialler.dial(wanted.encapsulate(`/p2p/${peer}`), {
        signal: controller.signal,
      });
      connection.abort(new Error('the question is answered'));
      return { outcome: 'reached', reason: '' };
    } catch (error) {
      return { outcome: 'failed', reason: explain(error) };
    } finally {
      asking.delete(peer.toString());
      stop();
    }
  }

  return {
    async handler(stream: Stream) {
      const given = await answer(peerIdFromString(stream.remote), await readQuestion(stream));
      log.debug('a peer was dialled back', { peer: stream.remote, outcome: given.outcome });
      await writeAnswer(stream, given);
    },
    async [Symbol.asyncDispose]() {
      await (await prober)?.stop();
    },
  };
}
