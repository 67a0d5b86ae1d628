import { CairnError, type Clock, type Crypto, type Logger, type Random } from '@cairn/core';
import type { Offer } from '@cairn/ledger';
import {
  encodeHubFrame,
  type HubErrorCode,
  type HubFrame,
  type RecordStore,
  type Stream,
  type Timer,
  type Transport,
} from '@cairn/protocol';
import type { Payer } from '@cairn/sdk';
import type { Payee } from '../miner/payee.ts';
import { errorToRefusal } from '../miner/refusal.ts';

export interface HubParts {
  readonly crypto: Crypto;
  readonly chainId: Uint8Array;
  readonly clock: Clock;
  readonly timer: Timer;
  readonly random: Random;
  readonly transport: Transport;
  /** The channels of users. */
  readonly payee: Payee;
  /** The channels to providers. */
  readonly payer: Payer;
  /** What stands on the ledger for sale. */
  readonly offers: () => Promise<readonly Offer[]>;
  /** Where answers under way are kept. */
  readonly records: RecordStore;
  readonly log: Logger;
}

export interface HubLimits {
  /** Least that a user pays above a provider's price, in ten thousandths. @default 600 */
  readonly feeBps: number;
  /** Most channels to providers at a time. @default 256 */
  readonly channels: number;
  /** Channels that a user makes the hub open before it has paid anything. @default 2 */
  readonly freeOpenings: number;
  /** Pebbles that a user pays for each one more. @default 0.01 CAIRN */
  readonly paidPerOpening: bigint;
  /** Answers under way: of one user, and in all. @default 8 and 256 */
  readonly answersPerUser: number;
  readonly answers: number;
  /** Tokens that a user who has settled may owe. @default 64 */
  readonly trancheTokens: number;
  /** Tokens that a new user pays ahead: twice what a provider may ask of the hub. @default 16 */
  readonly prepayTokens: number;
  /** Longest wait for a voucher of a user. @default 15_000 */
  readonly payTimeoutMs: number;
  /** Longest wait for the voucher that settles: providers wait for the hub's meanwhile. @default 5_000 */
  readonly settleTimeoutMs: number;
  /** Longest silence of a provider, and longest life of an answer. @default 120 s and 30 min */
  readonly idleMs: number;
  readonly lifeMs: number;
}

export const HUB_LIMITS: HubLimits = {
  feeBps: 600,
  channels: 256,
  freeOpenings: 2,
  paidPerOpening: 10_000_000n,
  answersPerUser: 8,
  answers: 256,
  trancheTokens: 64,
  prepayTokens: 16,
  payTimeoutMs: 15_000,
  settleTimeoutMs: 5_000,
  idleMs: 120_000,
  lifeMs: 30 * 60_000,
};

/** An expected no to a user: sent as an error frame. */
export class HubRefusal extends Error {
  override readonly name = 'HubRefusal';
  readonly code: HubErrorCode;

  constructor(code: HubErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export const sendToUser = (user: Stream, frame: HubFrame): Promise<void> => user.write(encodeHubFrame(frame));

/** Tells a user why not; when it is gone there is nobody to tell. */
export async function tellUser(user: Stream, error: unknown): Promise<void> {
  const refusal = error instanceof HubRefusal ? error : errorToRefusal(error);
  if (refusal === null) return;
  const { code, message } = refusal;
  try {
    await sendToUser(user, { type: 'error', code, message: message.slice(0, 1000) });
    await user.closeWrite();
  } catch (cause) {
    if (!(cause instanceof CairnError)) throw cause;
  }
}
