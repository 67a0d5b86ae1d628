import { createNativeCrypto } from '@cairn/chain';
import type { NodeParts } from '../roles/parts.ts';
import { systemClock, systemRandom } from './clock.ts';
import { createMetrics } from './metrics.ts';
import { systemTimer } from './timer.ts';

/** What every role of a node is handed before there is a chain: the machine's own clock, randomness and cryptography. */
export function realParts(log: NodeParts['log']) {
  return {
    crypto: createNativeCrypto(),
    clock: systemClock,
    random: systemRandom,
    timer: systemTimer,
    log,
    metrics: createMetrics(),
  };
}
