import {
  areBytesEqual,
  bytes32,
  type Crypto,
  concatBytes,
  decode,
  encode,
  struct,
  u32,
  u64,
  type ValueOf,
} from '@cairn/core';

/** Layout of keys and records. Raised when an older store can no longer be read. */
export const STORE_FORMAT = 2;

/** Prefixes of the one key space. State keys follow theirs as they are. */
export const META_KEY = 'meta';
export const STATE = 's/';
export const UNDO = 'u/';
export const BLOCK = 'b/';
export const BLOCK_HASH = 'h/';
export const TRANSACTION = 't/';

/** Decimal of fixed width, so that heights order as numbers. */
export function heightKey(prefix: string, height: number): string {
  return prefix + height.toString().padStart(12, '0');
}

export function heightOfKey(key: string): number {
  return Number(key.slice(-12));
}

/** What was committed last, written in the same transaction as the values it speaks of. */
export const metaShape = struct('StoreMeta', {
  format: u32,
  chainId: bytes32,
  height: u64,
  timeMs: u64,
  blockHash: bytes32,
  /** Root of the state. */
  appHash: bytes32,
  stateKeys: u64,
  /** XOR of the hashes of all entries outside the state, see `entryHash`. */
  historyHash: bytes32,
});
export type StoreMeta = ValueOf<typeof metaShape>;

/** A record with its own hash before it, so that a flipped bit is seen when it is read. */
export function sealRecord(crypto: Crypto, record: Uint8Array): Uint8Array {
  return concatBytes(crypto.sha256(record), record);
}

/** Null when the record is not what was sealed. */
export function openRecord(crypto: Crypto, sealed: Uint8Array): Uint8Array | null {
  const record = sealed.subarray(32);
  return areBytesEqual(crypto.sha256(record), sealed.subarray(0, 32)) ? record : null;
}

export function metaToBytes(crypto: Crypto, meta: StoreMeta): Uint8Array {
  return sealRecord(crypto, encode(metaShape, meta));
}

/** Null when the bytes are damaged. */
export function metaFromBytes(crypto: Crypto, sealed: Uint8Array): StoreMeta | null {
  const record = openRecord(crypto, sealed);
  return record === null ? null : decode(metaShape, record);
}
