import { bytesToHex, type Crypto } from '@cairn/core';

export interface KnownBytesOptions {
  /** @default 131_072 */
  readonly maxCount?: number;
  /** @default 67_108_864 */
  readonly maxBytes?: number;
}

/**
 * One bytes object for each transaction, however often consensus sends its bytes: what was found out about the object
 * need not be found out again. Copies, so that a transaction does not keep the message it came in.
 */
export function createKnownBytes(
  crypto: Crypto,
  options: KnownBytesOptions = {},
): (bytes: Uint8Array) => Uint8Array {
  const { maxCount = 131_072, maxBytes = 67_108_864 } = options;
  // Insertion order, so that the oldest are forgotten first.
  const known = new Map<string, Uint8Array>();
  let sizeBytes = 0;

  function forgetOldest(): void {
    for (const [key, bytes] of known) {
      if (known.size <= maxCount && sizeBytes <= maxBytes) return;
      known.delete(key);
      sizeBytes -= bytes.length;
    }
  }

  return (bytes) => {
    const key = bytesToHex(crypto.sha256(bytes));
    const found = known.get(key);
    if (found !== undefined) return found;
    const own = bytes.slice();
    known.set(key, own);
    sizeBytes += own.length;
    forgetOldest();
    return own;
  };
}
