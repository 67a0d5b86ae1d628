import type { AccountId, Crypto } from '@cairn/core';
import type { Parameters } from '../parameters/table.ts';
import type { Overlay } from '../state/view.ts';
import type { Calls } from './calls.ts';

/** Something that happened, for people and programs outside. Not part of the state root. */
export interface LedgerEvent {
  /** `<module>.<pastTense>` */
  readonly name: string;
  /** JSON-safe: addresses, hex, decimal text of amounts, small numbers. */
  readonly data: Readonly<Record<string, EventValue>>;
}
export type EventValue = string | number | boolean | null | readonly EventValue[];

/** The block as execution sees it. */
export interface BlockHeader {
  readonly height: number;
  /** Consensus time. Milliseconds since 1970. */
  readonly timeMs: number;
  readonly hash: Uint8Array;
  readonly proposer: AccountId;
  /** Whose votes are under the previous block, by the account of the consensus key. */
  readonly votes: readonly { readonly validator: AccountId; readonly signed: boolean }[];
  /** What consensus has evidence of. */
  readonly misbehavior: readonly Misbehavior[];
}

/** Evidence that a consensus key signed what it must not. */
export interface Misbehavior {
  /** Account of the consensus key. */
  readonly validator: AccountId;
  /** Block of the offence. */
  readonly height: number;
  readonly kind: 'duplicateVote' | 'lightClientAttack';
}

/** What rules run with: state to write, the block, and the pure parts. */
export interface BlockContext {
  readonly state: Overlay;
  readonly block: BlockHeader;
  readonly chainId: Uint8Array;
  readonly parameters: Parameters;
  /** Slots accrued since genesis, after this block's accrual. All windows count these. */
  readonly slot: bigint;
  readonly crypto: Crypto;
  readonly calls: Calls;
  emit(name: string, data: LedgerEvent['data']): void;
  /** Tells consensus the voting power of an ed25519 key from now on; 0 takes it out of the set. Once per key and block. */
  changePower(publicKey: Uint8Array, power: bigint): void;
}

/** What a message runs with. */
export interface MessageContext extends BlockContext {
  readonly sender: AccountId;
  /** The sender's nonce of this transaction. */
  readonly nonce: bigint;
}
