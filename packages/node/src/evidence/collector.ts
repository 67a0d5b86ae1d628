import {
  addressToAccountId,
  areBytesEqual,
  bytesToHex,
  CairnError,
  type CancelSignal,
  type Crypto,
  type Logger,
} from '@cairn/core';
import { type EvidenceBundle, openEvidence } from '@cairn/mechanisms';
import type { BlobStore, PeerName } from '@cairn/protocol';
import { NodeError } from '../errors.ts';
import { countEvidence, type Judge } from './judge.ts';
import type { RevealedWeights } from './revealed-weights.ts';

export interface CollectorParts {
  readonly crypto: Crypto;
  readonly blobs: BlobStore;
  /** Fetches a blob from a peer; null: it does not have it. */
  readonly fetch: (peer: PeerName, id: string, signal: CancelSignal) => Promise<Uint8Array | null>;
  /** The peer of a hotkey, by its address. */
  readonly peerOf: (hotkey: string) => PeerName;
  /** Whether the weights follow from a bundle that is of their place. */
  readonly judge: Judge;
  readonly log: Logger;
  /** Called whenever it was decided of evidence whether it holds. */
  readonly onDecided: () => void;
}

/** Brings in the evidence of other validators, side by side, so that one that hangs delays no other. */
export interface EvidenceCollector extends Disposable {
  /** What is wanted now, once in each block: gives up what is wanted no more, tries what failed again. */
  update(wanted: readonly RevealedWeights[]): void;
  /**
   * How many answers this evidence has; null unless it was fetched, opened, and nothing in it speaks against the
   * weights it stands behind.
   */
  answeredOf(wanted: RevealedWeights): number | null;
  /** Whether more of this evidence would change nothing: it is had, or refused for good. */
  isDecided(wanted: RevealedWeights): boolean;
}

interface Entry {
  readonly wanted: RevealedWeights;
  readonly abort: AbortController;
  state: 'waiting' | 'running' | 'had' | 'refused';
  /** Answers in it, once it is had. */
  answered: number;
  failures: number;
  /** Blocks until it is tried again. */
  restBlocks: number;
}

/** Fetches under way at a time: each may hold a whole blob in memory. */
const MAX_RUNNING = 8;
/** Failures after which evidence that was fetched and cannot be judged is not held against its validator. */
const MAX_FAILED_JUDGEMENTS = 3;
/** Longest rest after failures: 2^6 blocks. */
const MAX_REST_POWER = 6;

export function createEvidenceCollector(parts: CollectorParts): EvidenceCollector {
  const { crypto, blobs, log } = parts;
  const entries = new Map<string, Entry>();

  async function collect(entry: Entry): Promise<void> {
    const { wanted } = entry;
    const { uid, epoch } = wanted;
    const sealed = (await readOwn(wanted.root)) ?? (await fetchFrom(entry));
    const opened = openWanted(crypto, wanted, sealed.bytes);
    if (typeof opened === 'string') {
      // The bytes are the ones on the ledger, so asking again brings nothing else.
      entry.state = 'refused';
      log.warn('evidence does not hold', { uid, epoch, problem: opened });
    } else {
      // Kept when it is refused too: it is what shows why.
      if (sealed.isNew) await blobs.put(sealed.bytes);
      await judgeOpened(entry, opened);
    }
    parts.onDecided();
  }

  async function judgeOpened(entry: Entry, bundle: EvidenceBundle): Promise<void> {
    const { uid, epoch } = entry.wanted;
    const judgement = await judgeOrExcuse(entry, bundle);
    if (judgement === null) {
      entry.state = 'waiting';
      entry.restBlocks = 1;
    } else if (judgement.verdict === 'refuted') {
      entry.state = 'refused';
      log.warn('evidence contradicts its weights', { uid, epoch, codes: judgement.codes });
    } else {
      entry.state = 'had';
      entry.answered = judgement.answered;
      const { unchecked } = judgement;
      if (unchecked.length > 0)
        log.info('evidence is attested as there, not as checked', { uid, epoch, unchecked });
    }
  }

  async function judgeOrExcuse(entry: Entry, bundle: EvidenceBundle): ReturnType<Judge> {
    const { wanted, abort, failures } = entry;
    try {
      return await parts.judge(wanted, bundle, abort.signal);
    } catch (error) {
      if (failures + 1 < MAX_FAILED_JUDGEMENTS || abort.signal.aborted) throw error;
      const { uid, epoch } = wanted;
      log.error('evidence could not be judged', { uid, epoch, error: String(error) });
      return { verdict: 'holds', unchecked: ['AUDIT_FAILED'], answered: countEvidence(bundle) };
    }
  }

  async function readOwn(id: string): Promise<{ bytes: Uint8Array; isNew: boolean } | null> {
    try {
      const bytes = await blobs.get(id);
      return bytes === null ? null : { bytes, isNew: false };
    } catch (error) {
      // A damaged file is replaced by what the peer sends.
      if (error instanceof CairnError && error.code === 'BLOB_CORRUPT') return null;
      throw error;
    }
  }

  async function fetchFrom({ wanted, abort }: Entry): Promise<{ bytes: Uint8Array; isNew: boolean }> {
    const { root: id } = wanted;
    const peer = parts.peerOf(wanted.hotkey);
    const bytes = await parts.fetch(peer, id, abort.signal);
    if (bytes !== null) return { bytes, isNew: true };
    const reason = 'it does not have it';
    throw new NodeError(
      { code: 'BLOB_NOT_FETCHED', id, peer, reason },
      `Evidence ${id} was not had from ${peer}, its validator: ${reason}. It is asked for again.`,
    );
  }

  function start(entry: Entry): void {
    entry.state = 'running';
    collect(entry)
      .catch((error: unknown) => {
        entry.failures += 1;
        entry.restBlocks = 1 << Math.min(entry.failures - 1, MAX_REST_POWER);
        entry.state = 'waiting';
        if (entry.abort.signal.aborted) return;
        const { uid, epoch } = entry.wanted;
        log.warn('evidence could not be had yet', { uid, epoch, error: String(error) });
      })
      .finally(startNext);
  }

  /** Those that failed least go first, so that hostile ones do not keep the others waiting. */
  function startNext(): void {
    const all = [...entries.values()];
    let free = MAX_RUNNING - all.filter(({ state }) => state === 'running').length;
    const ready = all.filter(({ state, restBlocks }) => state === 'waiting' && restBlocks === 0);
    for (const entry of ready.sort((a, b) => a.failures - b.failures)) {
      if (free <= 0) return;
      free -= 1;
      start(entry);
    }
  }

  return {
    update(wanted) {
      const roots = new Set(wanted.map(keyOf));
      for (const [key, entry] of entries) {
        if (roots.has(key)) continue;
        entry.abort.abort();
        entries.delete(key);
      }
      for (const each of wanted) {
        const entry = entries.get(keyOf(each));
        if (entry !== undefined) entry.restBlocks = Math.max(0, entry.restBlocks - 1);
        else {
          const abort = new AbortController();
          const fresh = { wanted: each, abort, answered: 0, failures: 0, restBlocks: 0 };
          entries.set(keyOf(each), { ...fresh, state: 'waiting' });
        }
      }
      startNext();
    },
    answeredOf(wanted) {
      const entry = entries.get(keyOf(wanted));
      return entry?.state === 'had' ? entry.answered : null;
    },
    isDecided(wanted) {
      const state = entries.get(keyOf(wanted))?.state;
      return state === 'had' || state === 'refused';
    },
    [Symbol.dispose]() {
      for (const { abort } of entries.values()) abort.abort();
      entries.clear();
    },
  };
}

/** One root may stand behind other weights of the same epoch, which then reveal another salt. */
const keyOf = ({ uid, epoch, root, salt }: RevealedWeights): string =>
  `${uid}/${epoch}/${root}/${bytesToHex(salt)}`;

/** The bundle in bytes that hash to the root, when it is of the place of these weights; otherwise what is wrong. */
function openWanted(crypto: Crypto, wanted: RevealedWeights, sealed: Uint8Array): EvidenceBundle | string {
  try {
    const bundle = openEvidence(crypto, wanted.salt, sealed);
    if (bundle.netuid !== wanted.netuid) return `it is of subnet ${bundle.netuid}`;
    if (bundle.mechanismIndex !== wanted.mechanism) return `it is of mechanism ${bundle.mechanismIndex}`;
    if (bundle.epoch !== BigInt(wanted.scoredEpoch)) return `it is of epoch ${bundle.epoch}`;
    const isOfValidator = areBytesEqual(bundle.validator, addressToAccountId(wanted.hotkey));
    return isOfValidator ? bundle : 'it is of another validator';
  } catch (error) {
    // The message may quote the stranger's bytes.
    if (error instanceof CairnError) return `it is refused as ${error.code}`;
    throw error;
  }
}
