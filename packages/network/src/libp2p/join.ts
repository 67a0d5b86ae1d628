import type { Logger } from '@cairn/core';
import type { PeerName, Timer } from '@cairn/protocol';
import type { Libp2p } from '@libp2p/interface';
import type { PeerDirectory } from '../directory.ts';
import { type Attempt, NetworkError } from '../errors.ts';
import type { JoinReport } from '../options.ts';
import type { LastGood } from './last-good.ts';
import type { NetworkLimits } from './limits.ts';
import { parseAddress } from './read-address.ts';
import { explain } from './reasons.ts';

/** Peers that are enough to begin with. */
const ENOUGH_PEERS = 8;
const MAX_CANDIDATES = 64;
const PARALLEL = 8;

export interface JoinParts {
  readonly host: Libp2p;
  readonly timer: Timer;
  readonly log: Logger;
  readonly limits: NetworkLimits;
  readonly lastGood: LastGood;
  readonly directory?: PeerDirectory | undefined;
}

/** The peer that an address names. */
function peerIn(address: string): PeerName | null {
  const [, peer] = /\/p2p\/([^/]+)$/.exec(address) ?? [];
  return peer ?? null;
}

type Candidate = Omit<Attempt, 'reason'>;

async function candidatesOf(parts: JoinParts, bootstrap: readonly string[]): Promise<Candidate[]> {
  const self = parts.host.peerId.toString();
  const withName = (address: string, peer: PeerName) =>
    address.includes('/p2p/') ? address : `${address}/p2p/${peer}`;
  const ledger = (await parts.directory?.somePeers(MAX_CANDIDATES)) ?? [];
  const all: Candidate[] = [
    ...bootstrap.map((address) => ({ source: 'configured' as const, address })),
    ...parts.lastGood.addresses().map((address) => ({ source: 'last good' as const, address })),
    ...ledger.flatMap(({ peer, addresses }) =>
      addresses
        .slice(0, 4)
        .map((address) => ({ source: 'ledger' as const, address: withName(address, peer) })),
    ),
  ];
  const seen = new Set<string>();
  return all
    .filter(({ address }) => {
      const isNew = !seen.has(address) && !address.endsWith(`/p2p/${self}`);
      seen.add(address);
      return isNew;
    })
    .slice(0, MAX_CANDIDATES);
}

/** @throws NetworkError `NO_PEER_REACHED` */
export async function joinNetwork(parts: JoinParts, bootstrap: readonly string[]): Promise<JoinReport> {
  const candidates = await candidatesOf(parts, bootstrap);
  const reached = new Set<PeerName>();
  const failed: Attempt[] = [];
  const groups = [...Map.groupBy(candidates, ({ address }) => peerIn(address) ?? address).values()];
  let next = 0;

  async function tryOne({ source, address }: Candidate): Promise<boolean> {
    const parsed = parseAddress(address);
    if (parsed === null) {
      failed.push({ source, address: address.slice(0, 200), reason: 'that is no multiaddr' });
      return false;
    }
    const controller = new AbortController();
    const { dialTimeoutMs } = parts.limits;
    const stop = parts.timer.schedule(dialTimeoutMs, () =>
      controller.abort(new Error(`there was no answer in ${dialTimeoutMs} ms`)),
    );
    try {
      const connection = await parts.host.dial(parsed, { signal: controller.signal });
      reached.add(connection.remotePeer.toString());
      return true;
    } catch (error) {
      const why = controller.signal.aborted ? controller.signal.reason : error;
      failed.push({ source, address, reason: explain(why) });
      return false;
    } finally {
      stop();
    }
  }
  async function work(): Promise<void> {
    while (reached.size < ENOUGH_PEERS) {
      const group = groups[next++];
      if (group === undefined) return;
      // One after the other: dials of one peer at the same time would share one outcome.
      for (const candidate of group) if (await tryOne(candidate)) break;
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, work));

  if (reached.size === 0 && candidates.length > 0) {
    const list = failed.map(({ source, address, reason }) => `  ${address} (${source}): ${reason}`);
    throw new NetworkError(
      { code: 'NO_PEER_REACHED', attempts: failed },
      `None of ${failed.length} addresses led to a peer. Check that this machine is online and the addresses are current:\n${list.join('\n')}`,
    );
  }
  parts.log.info('network joined', { reached: reached.size, failed: failed.length });
  return { reached: [...reached], failed };
}
