import type { CancelSignal } from '@cairn/core';
import type { BlockView, EventView, LedgerStatus, ProofView, TransactionView } from './ledger-views.ts';

export interface EventFilter {
  /** Exact names, or a module with a star such as `staking.*`. @default all */
  readonly names?: readonly string[];
  /** First height to report; blocks already made are replayed from the log. @default the next block */
  readonly from?: number;
  /** Ends the iteration. */
  readonly signal?: CancelSignal;
}

/** Reads committed ledger state and history. */
export interface LedgerReader {
  /** Hex. */
  readonly chainId: string;
  status(): Promise<LedgerStatus>;
  /** Runs a ledger query such as `accounts_get`; the result is JSON-safe. */
  query<T>(method: string, params: unknown): Promise<T>;
  /**
   * By height or hex hash; the latest when left out. Null when there is none.
   *
   * @throws CairnError `BLOCK_NOT_KEPT` when the node began from a snapshot of a later height
   */
  block(at?: number | string): Promise<BlockView | null>;
  /** A transaction in a block, by its hex id. Null when it is in none. */
  transaction(id: string): Promise<TransactionView | null>;
  /** Value and proof of a state key, at the last or a recent height. */
  proof(key: string, height?: number): Promise<ProofView>;
  /**
   * Header, votes and validators of a height, or of the newest that has its votes: JSON form of `lightBlockShape`.
   * Null when there is none of that height yet.
   *
   * @throws CairnError `BLOCK_NOT_KEPT` when it was pruned
   */
  lightBlock(height?: number): Promise<unknown>;
  /** Events in order, without gaps, for as long as the caller iterates. A slow caller falls behind and loses nothing. */
  events(filter?: EventFilter): AsyncIterable<EventView>;
}
