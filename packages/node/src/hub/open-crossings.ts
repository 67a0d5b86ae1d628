import {
  areBytesEqual,
  bytes32,
  bytesToHex,
  CairnError,
  decode,
  encode,
  type Logger,
  struct,
  u8,
  u32,
  u64,
  type ValueOf,
} from '@cairn/core';
import { NO_ROOT, type RecordStore } from '@cairn/protocol';
import type { ReceiptDraft } from '../miner/earning.ts';
import type { Payee } from '../miner/payee.ts';
import { Refusal } from '../miner/refusal.ts';

/** What a user owes for an answer that the hub pays for: kept before the hub promises the provider anything. */
const crossingShape = struct('Crossing', {
  requestHash: bytes32,
  /** The user's channel. */
  channel: bytes32,
  model: bytes32,
  artifact: bytes32,
  price: struct('CrossingPrice', {
    inputPerMillion: u64,
    cachedInputPerMillion: u64,
    outputPerMillion: u64,
    perRequest: u64,
    perImage: u64,
    perAudioSecond: u64,
  }),
  promptTokens: u32,
  /** Tokens that the user has been passed on. */
  tokens: u32,
  tier: u8,
});
export type Crossing = ValueOf<typeof crossingShape>;

const OPEN_CROSSINGS = 'hub/crossing/';

/** Answers under way, so that a hub that dies in the middle of one is still paid for it. */
export interface OpenCrossings {
  /** Returns when it is durable. */
  save(crossing: Crossing): Promise<void>;
  close(requestHash: Uint8Array): Promise<void>;
  /** Charges users for what was under way when an earlier run ended. */
  resume(payee: Payee, log: Logger): Promise<void>;
}

/** A receipt for what came without the provider's word on it: it states counts only. */
export function countsOnly(
  { requestHash, model, artifact, promptTokens, tier }: Omit<Crossing, 'channel' | 'price' | 'tokens'>,
  completionTokens: number,
): ReceiptDraft {
  return {
    ...{ requestHash, model, artifact, promptTokens, tier, completionTokens },
    responseHash: NO_ROOT,
    paramsHash: NO_ROOT,
    samplerSeed: null,
    cachedTokens: 0,
    tokenIdsRoot: NO_ROOT,
    logprobRoot: NO_ROOT,
    ttftMs: 0,
    durationMs: 0,
    finishReason: 'failed',
  };
}

export function createOpenCrossings(records: RecordStore): OpenCrossings {
  const keyOf = (requestHash: Uint8Array) => OPEN_CROSSINGS + bytesToHex(requestHash);

  async function charge(payee: Payee, crossing: Crossing): Promise<void> {
    const { requestHash, model, artifact, price, promptTokens, tokens } = crossing;
    const channel = await payee.channel(crossing.channel);
    // The receipt was signed, or named by a voucher already, and the process died before this record was gone.
    const isCharged =
      payee.countersigned(channel.record.payer, [requestHash]) !== null ||
      channel.record.outstanding.some(({ receipt }) => areBytesEqual(receipt.requestHash, requestHash));
    if (isCharged || tokens === 0) return;
    const earning = channel.earn({ price, model, artifact, promptTokens, trancheTokens: 0 });
    earning.sent(tokens);
    await earning.finish(countsOnly(crossing, tokens));
  }

  return {
    save: (crossing) => records.set(keyOf(crossing.requestHash), encode(crossingShape, crossing)),
    close: (requestHash) => records.delete(keyOf(requestHash)),
    async resume(payee, log) {
      for (const key of [...records.keys(OPEN_CROSSINGS)]) {
        const bytes = records.get(key);
        if (bytes === undefined) continue;
        try {
          await charge(payee, decode(crossingShape, bytes));
          await records.delete(key);
        } catch (error) {
          // It stays for the next start, unless its channel is gone; the hub serves meanwhile.
          if (!(error instanceof Refusal) && !(error instanceof CairnError)) throw error;
          if (error instanceof Refusal && error.code === 'CHANNEL_UNKNOWN') await records.delete(key);
          log.warn('an answer that broke off could not be charged', { reason: error.message });
        }
      }
    },
  };
}
