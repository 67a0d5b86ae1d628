import { type Authorization, areBytesEqual, type Crypto } from '@cairn/core';
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

/** @param limit transactions whose good signature is remembered by id; about 250 bytes each. */
export function createKnownTransactions(crypto: Crypto, limit = 65_536): KnownTransactions {
  const parsed = new WeakMap<Uint8Array, Parsed>();
  const verified = new WeakSet<Uint8Array>();
  // For engines that hand the same transaction over as other bytes. An id does not depend on the signature, so
  // the one that was found good stands beside it.
  const signatures = new Map<string, Authorization>();

  function parse(tx: Uint8Array): Parsed {
    const known = parsed.get(tx);
    if (known !== undefined) return known;
    const read = parseTransaction(crypto, tx);
    parsed.set(tx, read);
    return read;
  }

  function isVerifiedById(tx: Uint8Array): boolean {
    const read = parse(tx);
    const good = read.ok ? signatures.get(read.parsed.id) : undefined;
    return good !== undefined && read.ok && isSame(good, read.parsed.transaction.authorization);
  }

  return {
    parse,
    isVerified: (tx) => verified.has(tx) || isVerifiedById(tx),
    setVerified(tx) {
      verified.add(tx);
      const read = parse(tx);
      if (read.ok) signatures.set(read.parsed.id, read.parsed.transaction.authorization);
      if (signatures.size <= limit) return;
      for (const oldest of signatures.keys()) {
        signatures.delete(oldest);
        return;
      }
    },
  };
}

function isSame(one: Authorization, other: Authorization): boolean {
  return (
    one.scheme === other.scheme &&
    areBytesEqual(one.publicKey, other.publicKey) &&
    areBytesEqual(one.signature, other.signature)
  );
}
