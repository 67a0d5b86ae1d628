import type { Clock, Crypto, Logger, Random } from '@cairn/core';
import type { ServiceRunner } from '@cairn/mechanisms';
import type { LedgerReader, RecordStore, Timer, Transport } from '@cairn/protocol';
import type { AccountClient, Payer, SealParts } from '@cairn/sdk';

export interface ValidatorParts {
  readonly crypto: Crypto;
  readonly random: Random;
  readonly clock: Clock;
  readonly timer: Timer;
  readonly ledger: LedgerReader;
  /** The hotkey: signs weights and pays for questions from its own channels. */
  readonly client: AccountClient;
  readonly payer: Payer;
  readonly transport: Transport;
  /** Questions are sealed like a user's. @default they go in clear */
  readonly seal?: SealParts;
  /** Keeps sealed evidence and hands it to whoever asks. */
  readonly publish: (sealed: Uint8Array) => Promise<unknown>;
  readonly records: RecordStore;
  readonly runner: ServiceRunner;
  readonly log: Logger;
}

export interface ValidatorOptions {
  readonly netuid: number;
  /** Number of the mechanism to score; a hotkey scores one. @default 0 */
  readonly mechanism?: number;
  readonly chainId: Uint8Array;
  /** Tasks for each miner in an epoch. @default the mechanism's own */
  readonly tasks?: number;
}
