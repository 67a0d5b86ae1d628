import { randomBytes, randomFillSync } from 'node:crypto';
import type { Clock, Random } from '@cairn/core';

export const systemClock: Clock = { nowMs: () => Date.now() };

const POOL_BYTES = 4_096;
const pool = new Uint8Array(POOL_BYTES);
let left = 0;

/** Asking the system costs more than the bytes: short ones are drawn together, handed out once and wiped here. */
export const systemRandom: Random = {
  bytes(length) {
    if (length > POOL_BYTES / 16) return new Uint8Array(randomBytes(length));
    if (left < length) {
      randomFillSync(pool);
      left = POOL_BYTES;
    }
    const at = POOL_BYTES - left;
    const drawn = pool.slice(at, at + length);
    pool.fill(0, at, at + length);
    left -= length;
    return drawn;
  },
};
