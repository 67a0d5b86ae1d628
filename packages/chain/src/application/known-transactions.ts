import { bytesToHex, type Crypto } from '@cairn/core';
import { type Parsed, parseTransaction } from '@cairn/ledger';

/**
 * What was found out about transactions, so that a block does not find it out again. Keyed by the bytes
 * object first: the mempool's own copies, which nobody changes, go through all steps as they are.
 */
export interface KnownTransactions {
  parse(tx: Uint8Array): Parsed;
  /** Whether the signature was found good. */
  isVerified(tx: Uint8Array): boolean;
  setVerified(tx: Uint8Array): void;
}

/** @param limit transactions whose good signature is remembered by hash; about 150 bytes each. */
export function createKnownTransactions(crypto: Crypto, limit: number): KnownTransactions {
  const parsed = new WeakMap<Uint8Array, Parsed>();
  const verified = new WeakSet<Uint8Array>();
  // By the hash of all bytes, for engines that hand the same transaction over as other bytes.
  const verifiedHashes = new Set<string>();
  const hashOf = (tx: Uint8Array): string => bytesToHex(crypto.sha256(tx));
  return {
    parse(tx) {
      const known = parsed.get(tx);
      if (known !== undefined) return known;
      const read = parseTransaction(crypto, tx);
      parsed.set(tx, read);
      return read;
    },
    isVerified: (tx) => verified.has(tx) || verifiedHashes.has(hashOf(tx)),
    setVerified(tx) {
      verified.add(tx);
      verifiedHashes.add(hashOf(tx));
      if (verifiedHashes.size <= limit) return;
      for (const oldest of verifiedHashes) {
        verifiedHashes.delete(oldest);
        return;
      }
    },
  };
}
