import { defineParameters } from '../definition.ts';

/** Leases of compute. */
export const COMPUTE_PARAMETERS = defineParameters({
  leaseSettleSlots: {
    unit: 'slots',
    initial: 50n,
    min: 1n,
    max: 100_000n,
    source: 'own choice (10 minutes)',
    help: 'A lease is settled by itself at least this often, and always when its funds or its notice end.',
  },
  leasesSettledPerBlock: {
    unit: 'count',
    initial: 512n,
    min: 1n,
    max: 10_000n,
    source: 'own choice',
    help: 'Most leases that one block settles by itself; more that are due wait for the next.',
  },
});
