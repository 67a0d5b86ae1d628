import type { AccountId, Crypto, Signer } from '@cairn/core';
import type { RecordStore, Timer } from '@cairn/protocol';
import type { PayerChannelRecord } from './payer-record.ts';
import type { SoldAs } from './sold-as.ts';

/** What the books of a channel need of their payer. */
export interface PayerChannelParts {
  readonly crypto: Crypto;
  readonly chainId: Uint8Array;
  readonly payer: AccountId;
  readonly signer: Signer;
  readonly records: RecordStore;
  /** Lets a settlement wait for the next request. @default it waits for none */
  readonly timer?: Timer;
  /** What vouchers count an answer as. */
  readonly soldAs: SoldAs;
  /** Makes sure that `needed` pebbles are in the channel; resolves with what is in it then. */
  readonly ensureDeposit: (channel: PayerChannelRecord, needed: bigint) => Promise<bigint>;
  /** Called once when the payee cheats. */
  readonly onDispute: (channel: PayerChannelRecord) => void;
}
