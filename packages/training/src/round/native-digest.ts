import { hash } from 'node:crypto';

/** SHA-256 of Node, on the calling thread. */
export function nativeDigest(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(hash('sha256', bytes, 'buffer'));
}
