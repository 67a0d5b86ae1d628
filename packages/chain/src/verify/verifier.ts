import type { Crypto } from '@cairn/core';
import { type ParsedTransaction, type TransactionProblem, verifySignature } from '@cairn/ledger';

/** Checks signatures of transactions, perhaps on other threads. */
export interface Verifier {
  /**
   * Null when the key in this transaction signed it, which never changes; whether that key speaks for the sender
   * is checked against the state. `parsed` is what `tx` was decoded to.
   */
  verify(tx: Uint8Array, parsed: ParsedTransaction): Promise<TransactionProblem | null>;
  close(): Promise<void>;
}

/** Checks on the calling thread, at once. */
export function createInlineVerifier(crypto: Crypto): Verifier {
  return {
    verify: async (tx, { transaction }) => verifySignature(crypto, tx, transaction),
    close: async () => undefined,
  };
}
