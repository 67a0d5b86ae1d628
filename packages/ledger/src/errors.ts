import { CairnError } from '@cairn/core';

/** Broken promises at the ledger's edge. What a transaction may do wrong is a value, see `TransactionProblem`. */
export type LedgerProblem =
  | { code: 'STATE_CORRUPT'; key: string }
  | { code: 'GENESIS_INVALID'; reason: string }
  | { code: 'QUERY_INVALID'; reason: string }
  | { code: 'USAGE_INVALID'; count: number; unit: string }
  | { code: 'MULTISIG_INVALID'; reason: string }
  | { code: 'INVARIANT_BROKEN'; invariant: string };

export class LedgerError extends CairnError<LedgerProblem> {
  override readonly name = 'LedgerError';
}
