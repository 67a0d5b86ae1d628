import type { InclusionResult, SubmitResult } from './ledger-views.ts';

/** Takes signed transactions. */
export interface LedgerWriter {
  /** Resolves when the transaction is checked and waits in memory: no promise that it enters a block. */
  submit(transaction: Uint8Array): Promise<SubmitResult>;
  /** Resolves when the transaction is in a block on disk, or cannot or did not get there in time. */
  submitAndWait(transaction: Uint8Array, timeoutMs?: number): Promise<InclusionResult>;
}
