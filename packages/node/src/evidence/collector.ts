import {
  addressToAccountId,
  areBytesEqual,
  CairnError,
  type CancelSignal,
  type Crypto,
  type Logger,
} from '@cairn/core';
import { openEvidence } from '@cairn/mechanisms';
import type { BlobStore, PeerName } from '@cairn/protocol';
import { NodeError } from '../errors.ts';
import type { RevealedWeights } from './revealed-weights.ts';

export interface CollectorParts {
  readonly crypto: Crypto;
  readonly blobs: BlobStore;
  /** Fetches a blob from a peer; null: it does not have it. */
  readonly fetch: (peer: PeerName, id: string, signal: CancelSignal) => Promise<Uint8Array | null>;
  /** The peer of a hotkey, by its address. */
  readonly peerOf: (hotkey: string) => PeerName;
  readonly log: Logger;
  /** Called whenever evidence was had. */
  readonly onHad: () => void;
}

/** Brings in the evidence of other validators, side by side, so that one that hangs delays no other. */
export interface EvidenceCollector extends Disposable {
  /** What is wanted now, once in each block: gives up what is wanted no more, tries what failed again. */
  update(wanted: readonly RevealedWeights[]): void;
  /** Whether this evidence was fetched, opened, and is of the weights it stands behind. */
  has(wanted: RevealedWeights): boolean;
}

interface Entry {
  readonly wanted: RevealedWeights;
  readonly abort: AbortController;
  state: 'waiting' | 'running' | 'had' | 'refused';
  failures: number;
  /** Blocks until it is tried again. */
  restBlocks: number;
}

/** Fetches under way at a time: each may hold a whole blob in memory. */
const MAX_RUNNING = 8;
/** Longest rest after failures: 2^6 blocks. */
const MAX_REST_POWER = 6;

export function createEvidenceCollector(parts: CollectorParts): EvidenceCollector {
  const { crypto, blobs, log } = parts;
  const entries = new Map<string, Entry>();

  async function collect(entry: Entry): Promise<void> {
    const { wanted } = entry;
    const sealed = (await readOwn(wanted.root)) ?? (await fetchFrom(entry));
    const problem = checkEvidence(crypto, wanted, sealed.bytes);
    if (problem !== null) {
      // The bytes are the ones on the ledger, so asking again brings nothing else.
      entry.state = 'refused';
      log.warn('evidence does not hold', { uid: wanted.uid, epoch: wanted.epoch, problem });
      return;
    }
    if (sealed.isNew) await blobs.put(sealed.bytes);
    entry.state = 'had';
    parts.onHad();
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
          entries.set(keyOf(each), { wanted: each, abort, state: 'waiting', failures: 0, restBlocks: 0 });
        }
      }
      startNext();
    },
    has: (wanted) => entries.get(keyOf(wanted))?.state === 'had',
    [Symbol.dispose]() {
      for (const { abort } of entries.values()) abort.abort();
      entries.clear();
    },
  };
}

const keyOf = ({ uid, epoch, root }: RevealedWeights): string => `${uid}/${epoch}/${root}`;

/** What is wrong with bytes that hash to the root; null when they are the evidence of these weights. */
function checkEvidence(crypto: Crypto, wanted: RevealedWeights, sealed: Uint8Array): string | null {
  try {
    const bundle = openEvidence(crypto, wanted.salt, sealed);
    if (bundle.netuid !== wanted.netuid) return `it is of subnet ${bundle.netuid}`;
    if (bundle.mechanismIndex !== wanted.mechanism) return `it is of mechanism ${bundle.mechanismIndex}`;
    if (bundle.epoch !== BigInt(wanted.scoredEpoch)) return `it is of epoch ${bundle.epoch}`;
    const isOfValidator = areBytesEqual(bundle.validator, addressToAccountId(wanted.hotkey));
    return isOfValidator ? null : 'it is of another validator';
  } catch (error) {
    // The message may quote the stranger's bytes.
    if (error instanceof CairnError) return `it is refused as ${error.code}`;
    throw error;
  }
}
