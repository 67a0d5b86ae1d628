import type { Crypto } from '@cairn/core';
import { parseTransaction, type TransactionProblem, verifySignature } from '@cairn/ledger';

/** Checks signatures of encoded transactions, perhaps on other threads. */
export interface Verifier {
  /** Null when the signature is the sender's over this transaction. */
  verify(tx: Uint8Array): Promise<TransactionProblem | null>;
  close(): Promise<void>;
}

/** What every verifier computes, here or on another thread. */
export function verifyBytes(crypto: Crypto, tx: Uint8Array): TransactionProblem | null {
  const read = parseTransaction(crypto, tx);
  return read.ok ? verifySignature(crypto, read.parsed.transaction) : read.problem;
}

/** Checks on the calling thread, at once. */
export function createInlineVerifier(crypto: Crypto): Verifier {
  return { verify: async (tx) => verifyBytes(crypto, tx), close: async () => undefined };
}
