import type { Crypto } from '@cairn/core';

/** xoshiro128**, by Blackman and Vigna (public domain), seeded by a hash: 32 random bits a call, equal everywhere. */
export function createNumbers(crypto: Pick<Crypto, 'sha256'>, seed: Uint8Array): () => number {
  const view = new DataView(Uint8Array.from(crypto.sha256(seed)).buffer);
  let [a, b, c, d] = [view.getUint32(0), view.getUint32(4), view.getUint32(8), view.getUint32(12)];
  return () => {
    const times5 = Math.imul(b, 5);
    const result = Math.imul((times5 << 7) | (times5 >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };
}
