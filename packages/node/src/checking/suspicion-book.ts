import {
  type AccountId,
  areBytesEqual,
  bytesToHex,
  type Crypto,
  decode,
  encode,
  struct,
  u32,
  u64,
} from '@cairn/core';
import {
  type AnswerVerdict,
  type CaseLink,
  FIRST_SUSPICION_PPM,
  MAX_CASE_RECEIPTS,
  MEASURED_RATES,
  PICKS_ONLY_RATES,
  updateSuspicion,
} from '@cairn/mechanisms';
import { type RecordStore, receiptId } from '@cairn/protocol';

const recordShape = struct('Suspicion', { ppm: u64, checks: u32, failed: u32 });

/** An answer that was checked. */
export interface CheckedAnswer {
  readonly link: CaseLink;
  readonly verdict: AnswerVerdict;
  /** Block before the answer was asked for. */
  readonly height: number;
}

/** An answer that somebody else disclosed. */
export interface HeardAnswer {
  readonly verdict: AnswerVerdict;
  readonly hasLogprobs: boolean;
}

/** What is thought of a provider and one artifact, and why. */
export interface Suspicion {
  /** Chance that it cheats, which is the share of rounds in which it is checked. Parts per million. */
  readonly ppm: bigint;
  readonly checks: number;
  readonly failed: number;
  /** The latest receipts of one channel, the oldest first and none left out. */
  readonly window: readonly CheckedAnswer[];
}

export interface SuspicionBook {
  of(provider: AccountId, artifact: Uint8Array): Suspicion;
  /** Adds a check of this node's own canary. */
  add(provider: AccountId, artifact: Uint8Array, checked: CheckedAnswer): Promise<Suspicion>;
  /** Moves the chance alone, by an answer that somebody else disclosed. */
  hear(provider: AccountId, artifact: Uint8Array, heard: HeardAnswer): Promise<void>;
  /** Forgets the window: what was in it is in a case. */
  clear(provider: AccountId, artifact: Uint8Array): void;
}

const PREFIX = 'checking/suspicion/';

/** Chances are kept on disk; windows are not, so evidence begins anew after a start. */
export function createSuspicionBook(crypto: Crypto, records: RecordStore): SuspicionBook {
  const windows = new Map<string, CheckedAnswer[]>();
  const keyOf = (provider: Uint8Array, artifact: Uint8Array) =>
    `${PREFIX}${bytesToHex(provider)}/${bytesToHex(artifact)}`;

  function read(key: string) {
    const stored = records.get(key);
    return stored === undefined
      ? { ppm: FIRST_SUSPICION_PPM, checks: 0, failed: 0 }
      : decode(recordShape, stored);
  }

  async function update(key: string, { verdict, hasLogprobs }: HeardAnswer): Promise<void> {
    if (verdict.kind === 'notJudged') return;
    const { ppm, checks, failed } = read(key);
    const hasFailed = verdict.kind === 'failed';
    const rates = hasLogprobs ? MEASURED_RATES : PICKS_ONLY_RATES;
    const next = {
      ppm: updateSuspicion(ppm, hasFailed, rates),
      checks: Math.min(checks + 1, 0xffff_ffff),
      failed: Math.min(failed + Number(hasFailed), 0xffff_ffff),
    };
    await records.set(key, encode(recordShape, next));
  }

  const of = (key: string): Suspicion => ({ ...read(key), window: windows.get(key) ?? [] });

  return {
    of: (provider, artifact) => of(keyOf(provider, artifact)),
    async add(provider, artifact, checked) {
      const key = keyOf(provider, artifact);
      const before = windows.get(key) ?? [];
      const isNext = before.length > 0 && isBehind(crypto, before.at(-1)!, checked);
      windows.set(key, [...(isNext ? before : []), checked].slice(-MAX_CASE_RECEIPTS));
      const hasLogprobs = (checked.link.disclosed?.logprobs ?? null) !== null;
      await update(key, { verdict: checked.verdict, hasLogprobs });
      return of(key);
    },
    hear: (provider, artifact, heard) => update(keyOf(provider, artifact), heard),
    clear(provider, artifact) {
      windows.delete(keyOf(provider, artifact));
    },
  };
}

/** Whether the second is the next receipt on the channel of the first, with none between. */
function isBehind(crypto: Crypto, one: CheckedAnswer, next: CheckedAnswer): boolean {
  const before = receiptId(crypto, one.link.signed.receipt);
  return areBytesEqual(next.link.signed.receipt.previousReceipt, before);
}
