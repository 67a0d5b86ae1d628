import { createPublicKey, type KeyObject } from 'node:crypto';

/** Public keys that OpenSSL has parsed, the least recently used dropped first. */
export interface KeyCache {
  /**
   * What `use` makes of the key with this SPKI prefix and these raw bytes, or null when the bytes are no point. Only a
   * key of which it makes something is kept, so that garbage pushes nobody out.
   */
  use<T>(prefix: Uint8Array, raw: Uint8Array, use: (key: KeyObject) => T | null): T | null;
}

export function createKeyCache(capacity: number): KeyCache {
  const kept = new Map<string, KeyObject>();
  return {
    use(prefix, raw, use) {
      // The schemes differ in the length of their keys, so the raw bytes name the key.
      const name = Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString('latin1');
      const known = kept.get(name);
      if (known !== undefined) {
        kept.delete(name);
        kept.set(name, known);
        return use(known);
      }
      const key = parsePublicKey(prefix, raw);
      const made = key === null ? null : use(key);
      if (key === null || made === null) return null;
      if (kept.size >= capacity) kept.delete(kept.keys().next().value as string);
      if (capacity > 0) kept.set(name, key);
      return made;
    },
  };
}

/**
 * The key of an SPKI prefix and raw bytes; null when they are no point. By way of PEM: given bytes, Node first finds out
 * by four exceptions that they are no key yet, which takes longer than the curve does.
 */
export function parsePublicKey(prefix: Uint8Array, raw: Uint8Array): KeyObject | null {
  const spki = Buffer.concat([prefix, raw]).toString('base64');
  try {
    return createPublicKey(`-----BEGIN PUBLIC KEY-----\n${spki}\n-----END PUBLIC KEY-----\n`);
  } catch {
    // OpenSSL's way to say that an x is on no point of the curve: an expected outcome of a stranger's bytes.
    return null;
  }
}
