import { type Crypto, concatBytes, utf8ToBytes } from '@cairn/core';
import { BLOCK, BLOCK_HASH, TRANSACTION, UNDO } from './records.ts';
import type { Store, StoreChange } from './store.ts';

/** Everything outside the state root: block log, its indexes, undo log. */
const PREFIXES = [BLOCK, BLOCK_HASH, TRANSACTION, UNDO] as const;

/** Adds an entry to a running hash of a set, or takes it out again: both are XOR. */
function toggle(crypto: Crypto, sum: Uint8Array, key: string, value: Uint8Array): void {
  const hash = crypto.sha256(concatBytes(crypto.sha256(value), utf8ToBytes(key)));
  for (let i = 0; i < 32; i++) sum[i] = (sum[i] as number) ^ (hash[i] as number);
}

/**
 * The hash of all history entries after `changes`. It detects damage, not attacks: XOR of hashes
 * can be forged by someone who chooses the entries.
 */
export function historyHashAfter(
  crypto: Crypto,
  store: Store,
  before: Uint8Array,
  changes: readonly StoreChange[],
): Uint8Array {
  const sum = before.slice();
  for (const { key, value } of changes) {
    const old = store.get(key);
    if (old !== undefined) toggle(crypto, sum, key, old);
    if (value !== null) toggle(crypto, sum, key, value);
  }
  return sum;
}

/** The same hash from the store itself. Reads all history. */
export function historyHashOf(crypto: Crypto, store: Store): Uint8Array {
  const sum = new Uint8Array(32);
  for (const prefix of PREFIXES) {
    for (const [key, value] of store.entries(prefix)) toggle(crypto, sum, key, value);
  }
  return sum;
}
