import { utf8ToBytes } from '../bytes.ts';
import type { Crypto } from '../ports.ts';

/** Hash of an empty subtree: 32 zero bytes. */
export const EMPTY_ROOT: Uint8Array = new Uint8Array(32);

/** Where a state key lies in the tree: SHA-256 of its UTF-8 bytes. */
export function hashStateKey(crypto: Crypto, key: string): Uint8Array {
  return crypto.sha256(utf8ToBytes(key));
}

/**
 * SHA-256(0x00 ‖ key hash ‖ value hash). A leaf is made of 65 bytes and an inner node of 64, so that
 * neither can be passed off as the other.
 */
export function hashLeaf(crypto: Crypto, keyHash: Uint8Array, valueHash: Uint8Array): Uint8Array {
  const preimage = new Uint8Array(65);
  preimage.set(keyHash, 1);
  preimage.set(valueHash, 33);
  return crypto.sha256(preimage);
}

/** Bit `index` of a hash, the highest bit of the first byte being bit 0. */
export function bitAt(hash: Uint8Array, index: number): number {
  return ((hash[index >>> 3] as number) >>> (7 - (index & 7))) & 1;
}
