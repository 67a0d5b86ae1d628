import { createPublicKey, type KeyObject } from 'node:crypto';

/** Public keys that OpenSSL has parsed, the least recently used dropped first. */
export interface KeyCache {
  /**
   * What `check` says about the key with this SPKI prefix and these raw bytes, or false when the bytes
   * are no point. Only a key that passes its check is kept, so that garbage pushes nobody out.
   */
  check(prefix: Uint8Array, raw: Uint8Array, check: (key: KeyObject) => boolean): boolean;
}

export function createKeyCache(capacity: number): KeyCache {
  const kept = new Map<string, KeyObject>();
  return {
    check(prefix, raw, check) {
      // The schemes differ in the length of their keys, so the raw bytes name the key.
      const name = Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString('latin1');
      const known = kept.get(name);
      if (known !== undefined) {
        kept.delete(name);
        kept.set(name, known);
        return check(known);
      }
      const key = parseKey(Buffer.concat([prefix, raw]));
      if (key === null || !check(key)) return false;
      if (kept.size >= capacity) kept.delete(kept.keys().next().value as string);
      if (capacity > 0) kept.set(name, key);
      return true;
    },
  };
}

function parseKey(spki: Buffer): KeyObject | null {
  try {
    return createPublicKey({ key: spki, format: 'der', type: 'spki' });
  } catch {
    // OpenSSL's way to say that an x is on no point of the curve: an expected outcome of a stranger's bytes.
    return null;
  }
}
