import { randomBytes } from 'node:crypto';
import type { Clock, Random } from '@cairn/core';

export const systemClock: Clock = { nowMs: () => Date.now() };

export const systemRandom: Random = { bytes: (length) => new Uint8Array(randomBytes(length)) };
