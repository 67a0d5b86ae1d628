import { accrueEmission } from './accrue.ts';
import { supplyQuery } from './query.ts';

/** Emission: what slots of block time mint, and how an epoch pays it out. */
export const emissionModule = {
  name: 'emission',
  messages: [],
  queries: [supplyQuery],
  beginBlock: accrueEmission,
} as const;
