import type { AccountId, StateProof } from '@cairn/core';
import type { BlockInput, BlockOutcome, Genesis, TransactionProblem } from '@cairn/ledger';

/** The last committed state: what an engine compares its own log with after a crash. */
export interface ApplicationInfo {
  /** 0 before the first block. */
  readonly height: number;
  /** Root of the state after that block. */
  readonly appHash: Uint8Array;
  /** SHA-256 of the genesis; null before `initChain`. */
  readonly chainId: Uint8Array | null;
  /** Consensus time of that block. Milliseconds since 1970. */
  readonly timeMs: number;
  /** Hash of that block; zero at height 0. */
  readonly blockHash: Uint8Array;
}

/** What a mempool needs to know about a transaction that may enter. */
export interface CheckedTransaction {
  /** Hex id; does not depend on the signature. */
  readonly id: string;
  readonly sender: AccountId;
  readonly nonce: bigint;
  /** The sender's next nonce in the committed state. */
  readonly nextNonce: bigint;
  /** Pebbles the sender can spend in the committed state. */
  readonly spendable: bigint;
  /** Pebbles it takes for bytes, work and tip. */
  readonly cost: bigint;
  /** Pebbles to the proposer. */
  readonly tip: bigint;
  readonly work: number;
}

export type CheckResult =
  | { readonly ok: true; readonly checked: CheckedTransaction }
  | { readonly ok: false; readonly id: string | null; readonly problem: TransactionProblem };

/** Transactions offered for a block, best first. */
export interface ProposalRequest {
  readonly height: number;
  readonly timeMs: number;
  readonly proposer: AccountId;
  readonly txs: readonly Uint8Array[];
  /** Most transaction bytes; the ledger's own limits hold besides. */
  readonly maxBytes: number;
}

export interface FinalizedBlock extends BlockOutcome {
  /** Root of the state after the block. */
  readonly appHash: Uint8Array;
}

/** A read of committed state. `value` is JSON-safe. */
export interface QueryAnswer {
  readonly height: number;
  readonly value: unknown;
}

export interface ProofAnswer {
  readonly height: number;
  readonly appHash: Uint8Array;
  readonly value: Uint8Array | null;
  readonly proof: StateProof;
}

/**
 * The state machine as a consensus engine sees it: ABCI 2.0 without its transport. An engine calls
 * prepareProposal → processProposal → finalizeBlock → commit for each height, in this order.
 */
export interface Application {
  info(): ApplicationInfo;
  /** Starts a chain. Called again with the same genesis it changes nothing. Returns the root of height 0. */
  initChain(genesis: Genesis): Promise<Uint8Array>;
  /** Whether a transaction may enter the mempool. `recheck` skips what cannot have changed: the signature. */
  checkTx(tx: Uint8Array, kind: 'new' | 'recheck'): Promise<CheckResult>;
  /** A block's transactions: what still passes, in the order given, within the limits. Changes nothing. */
  prepareProposal(request: ProposalRequest): Uint8Array[];
  /** Whether a proposed block may be voted for. Deterministic. */
  processProposal(block: BlockInput): boolean;
  /** Executes a decided block and keeps the outcome in memory. Persists nothing. */
  finalizeBlock(block: BlockInput): Promise<FinalizedBlock>;
  /** Makes the finalized block durable, whole or not at all, before it resolves. */
  commit(): Promise<{ readonly retainHeight: number }>;
  /** Runs a ledger query such as `accounts_get` on committed state. */
  query(method: string, params: unknown): QueryAnswer;
  /** What the state holds under a key, with its proof, at the last or a recent height. */
  prove(key: string, height?: number): ProofAnswer;
}
