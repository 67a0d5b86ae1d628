import { defineParameters } from '../definition.ts';

/** Funds for subnets. */
export const CROWDFUNDING_PARAMETERS = defineParameters({
  crowdfundMinSlots: {
    unit: 'slots',
    initial: 50_400n,
    min: 1n,
    max: 10_000_000n,
    source: 'incentives reference a (7 days)',
    help: 'Shortest time that a fund takes contributions.',
  },
  crowdfundMaxSlots: {
    unit: 'slots',
    initial: 432_000n,
    min: 1n,
    max: 10_000_000n,
    source: 'incentives reference a (60 days)',
    help: 'Longest time that a fund takes contributions.',
  },
  crowdfundFinaliseSlots: {
    unit: 'slots',
    initial: 50_400n,
    min: 1n,
    max: 10_000_000n,
    source: 'own choice (7 days)',
    help: 'Time after its end that a fund with its goal reached has left to create its subnet, before all can be given back.',
  },
});
