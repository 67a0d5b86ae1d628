import type { CancelSignal, Crypto, Logger } from '@cairn/core';
import type { BlobStore, LedgerReader, PeerName, Timer, Transport } from '@cairn/protocol';
import type { AccountClient } from '@cairn/sdk';
import { fetchBlob } from '../blobs/fetch-blob.ts';
import { createEvidenceCollector, type EvidenceCollector } from './collector.ts';
import { createRefutedFinder } from './find-refuted.ts';
import { createJudge } from './judge.ts';
import {
  findRevealedWeights,
  type MechanismOf,
  type RevealedWeights,
  readRevealedWeights,
} from './revealed-weights.ts';

export interface AttestingParts {
  readonly crypto: Crypto;
  readonly timer: Timer;
  readonly ledger: LedgerReader;
  /** The hotkey that attests. */
  readonly client: AccountClient;
  readonly transport: Transport;
  readonly blobs: BlobStore;
  /** The peer of a hotkey, by its address. */
  readonly peerOf: (hotkey: string) => PeerName;
  readonly log: Logger;
}

interface Metagraph {
  readonly subnet: {
    readonly epoch: number;
    readonly slot: string;
    readonly lastEpochSlot: string;
    readonly nextEpochSlot: string;
  };
  readonly neurons: readonly { readonly uid: number; readonly hotkey: string; readonly permit: boolean }[];
}

/** What there is to attest, as of one block. */
interface View {
  readonly epoch: number;
  readonly wanted: readonly RevealedWeights[];
  /** Little of the epoch is left: what is not here and judged by now is reported as not here. */
  readonly isLate: boolean;
}

/** Share of an epoch, at its end, in which a validator attests what it has. */
const LATE_SHARE_PERCENT = 15;
/** And no fewer blocks than these, or in a short epoch no transaction would get into a block in time. */
const LATE_BLOCKS = 3;

/**
 * Fetches and judges the evidence of the other validators of one mechanism of a subnet, epoch after epoch, and
 * attests on the ledger whose it had and found nothing wrong with, until the signal aborts. Runs beside the
 * validator's own work and never holds it up.
 */
export async function runAttesting(
  parts: AttestingParts,
  netuid: number,
  signal: AbortSignal,
  mechanism = 0,
): Promise<void> {
  const place = { netuid, mechanism };
  const { ledger, client, log } = parts;
  const { height } = await ledger.status();
  const revealed = await findRevealedWeights(ledger, place, height);
  const attester = createAttester(parts, place);
  const fetch = (peer: PeerName, id: string, cancelled: CancelSignal) =>
    fetchBlob(parts, peer, id, { signal: cancelled });
  using collector = createEvidenceCollector({
    ...parts,
    fetch,
    judge: createJudge(
      { ...parts, fetch, findRefuted: (cancelled) => createRefutedFinder(parts, cancelled) },
      netuid,
    ),
    onDecided: () => attester.attest(collector),
  });
  const pace = createPace();
  const names = ['yuma.weightsSet', 'chain.committed'];
  for await (const event of ledger.events({ names, from: height + 1, signal })) {
    const weights = readRevealedWeights(place, event);
    if (weights !== null) revealed.set(weights.uid, weights);
    if (event.name !== 'chain.committed') continue;
    try {
      const metagraph = await ledger.query<Metagraph | null>('subnets_metagraph', { netuid });
      const view = metagraph && readView(metagraph, client.address, revealed, pace);
      collector.update(view?.wanted ?? []);
      attester.see(view);
      attester.attest(collector);
    } catch (error) {
      if (signal.aborted) return;
      log.warn('evidence could not be looked for in this block', { error: String(error) });
    }
  }
}

type Pace = (slot: bigint) => bigint;

/** Slots from one block to the next. */
function createPace(): Pace {
  let last: bigint | null = null;
  return (slot) => {
    const slots = last === null ? 1n : slot - last;
    last = slot;
    return slots < 1n ? 1n : slots;
  };
}

/** Null when this hotkey has no permit: then its word does not count. */
function readView(
  { subnet, neurons }: Metagraph,
  self: string,
  revealed: ReadonlyMap<number, RevealedWeights>,
  pace: Pace,
): View | null {
  const { epoch } = subnet;
  const slot = BigInt(subnet.slot);
  const next = BigInt(subnet.nextEpochSlot);
  const slotsOfBlock = pace(slot);
  const tempo = next - BigInt(subnet.lastEpochSlot);
  const shareSlots = (tempo * BigInt(LATE_SHARE_PERCENT)) / 100n;
  const blockSlots = BigInt(LATE_BLOCKS) * slotsOfBlock;
  const isLate = next - slot <= (shareSlots > blockSlots ? shareSlots : blockSlots);
  if (!neurons.some(({ hotkey, permit }) => permit && hotkey === self)) return null;
  const wanted = neurons.flatMap(({ uid, hotkey, permit }) => {
    const weights = revealed.get(uid);
    const isWanted = permit && hotkey !== self && weights?.epoch === epoch && weights.hotkey === hotkey;
    return isWanted ? [weights] : [];
  });
  return { epoch, wanted, isLate };
}

/** Sends this validator's word when all is decided or the epoch ends, and again when there is more to say. */
function createAttester({ client, log }: AttestingParts, place: MechanismOf) {
  let view: View | null = null;
  let said: string | null = null;
  let isSending = false;

  async function send(epoch: number, word: Word, collector: EvidenceCollector): Promise<void> {
    isSending = true;
    const before = said;
    said = textOf(epoch, word);
    const uids = word.map(({ uid }) => uid);
    const answered = word.map((each) => each.answered);
    try {
      await client.send('yuma.attestEvidence', { ...place, epoch, uids, answered });
      log.debug('evidence attested', { epoch, uids: uids.length });
    } catch (error) {
      said = before;
      log.warn('evidence could not be attested', { epoch, error: String(error) });
      return;
    } finally {
      isSending = false;
    }
    attest(collector);
  }

  function attest(collector: EvidenceCollector): void {
    if (view === null || isSending || view.wanted.length === 0) return;
    const { epoch, wanted, isLate } = view;
    if (!isLate && !wanted.every((each) => collector.isDecided(each))) return;
    const word = wanted
      .flatMap((each) => {
        const answered = collector.answeredOf(each);
        return answered === null ? [] : [{ uid: each.uid, answered }];
      })
      .sort((a, b) => a.uid - b.uid);
    if (said !== textOf(epoch, word)) void send(epoch, word, collector);
  }

  return {
    see(now: View | null) {
      view = now;
    },
    attest,
  };
}

/** Whose evidence is there, and how many answers each has. */
type Word = readonly { readonly uid: number; readonly answered: number }[];

const textOf = (epoch: number, word: Word): string =>
  `${epoch}: ${word.map(({ uid, answered }) => `${uid}=${answered}`).join(' ')}`;
