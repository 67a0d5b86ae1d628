import { bytesToHex, type Crypto } from '@cairn/core';

/** Transactions whose signature was found good, by the hash of all their bytes. Forgets the oldest. */
export interface VerifiedTransactions {
  has(tx: Uint8Array): boolean;
  add(tx: Uint8Array): void;
}

/** @param limit transactions to remember; about 150 bytes each. */
export function createVerifiedTransactions(crypto: Crypto, limit: number): VerifiedTransactions {
  const known = new Set<string>();
  const keyOf = (tx: Uint8Array): string => bytesToHex(crypto.sha256(tx));
  return {
    has: (tx) => known.has(keyOf(tx)),
    add(tx) {
      known.add(keyOf(tx));
      if (known.size > limit) for (const oldest of known) return void known.delete(oldest);
    },
  };
}
