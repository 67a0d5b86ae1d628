import type { EventValue, TransactionProblem } from '@cairn/ledger';

/**
 * What ledger readers return. All of it is JSON-safe, so that a client over JSON-RPC returns the same
 * values as the chain itself: hashes and ids as lower-case hex, amounts and nonces as decimal text,
 * accounts as addresses.
 */
export interface LedgerStatus {
  /** Hex. */
  readonly chainId: string;
  /** Name of the chain in its genesis. */
  readonly name: string;
  readonly kind: 'real' | 'local';
  /** Who orders blocks. On `solo` one operator signs alone and chooses every seed. */
  readonly engine: 'solo' | 'cometbft';
  readonly height: number;
  /** First block that is kept here, with its transactions and events: a node that began from a snapshot has none before. */
  readonly oldestBlock: number;
  readonly timeMs: number;
  readonly blockHash: string;
  readonly appHash: string;
  /** Transactions that wait for a block. */
  readonly waiting: number;
  readonly waitingBytes: number;
  /** Keys in the state. */
  readonly stateKeys: number;
}

/** What readers want of a header; the whole of it, and who signed it, is in the light block of its height. */
export interface BlockHeaderView {
  readonly height: number;
  readonly timeMs: number;
  readonly hash: string;
  readonly previousHash: string;
  /** As CometBFT hashes transactions: `transactionsHash`. */
  readonly transactionsRoot: string;
  /** Root of the state after the previous block. */
  readonly previousAppHash: string;
  readonly proposer: string;
}

export interface BlockView {
  readonly header: BlockHeaderView;
  /** Root of the state after this block. */
  readonly appHash: string;
  readonly transactions: readonly TransactionView[];
  /** Events of the block itself, outside transactions. */
  readonly events: readonly EventView[];
}

/** A transaction in a block. */
export interface TransactionView {
  readonly id: string;
  readonly height: number;
  /** Place in the block. */
  readonly index: number;
  /** Hex of the whole transaction. */
  readonly bytes: string;
  readonly ok: boolean;
  readonly problem: TransactionProblem | null;
  /** Pebbles taken for bytes and work. */
  readonly fee: string;
  readonly events: readonly EventView[];
}

/** Something that happened. `chain.committed` is the event of every block. */
export interface EventView {
  readonly name: string;
  readonly height: number;
  /** Id of the transaction it came from; null for events of the block itself. */
  readonly transaction: string | null;
  readonly data: Readonly<Record<string, EventValue>>;
}

export interface ProofView {
  readonly key: string;
  readonly height: number;
  /** Root of the state after that height; it is in the header of the next block as `previousAppHash`. */
  readonly appHash: string;
  /** Hex; null when the key is absent, which is proved too. */
  readonly value: string | null;
  /** JSON form of `stateProof`. */
  readonly proof: unknown;
}

/** Accepted: checked and waiting in memory. It is lost if the process dies before it enters a block. */
export type SubmitResult =
  | { readonly ok: true; readonly id: string }
  | { readonly ok: false; readonly id: string | null; readonly problem: TransactionProblem };

/**
 * The durable answer. With a `transaction`, it is in a block that is on disk, whatever `ok` says about its
 * message; without one, it never entered a block (refused, dropped, or still waiting: see the problem's code).
 */
export interface InclusionResult {
  readonly ok: boolean;
  readonly id: string | null;
  readonly problem: TransactionProblem | null;
  readonly transaction: TransactionView | null;
}
