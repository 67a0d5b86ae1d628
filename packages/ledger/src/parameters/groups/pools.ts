import { defineParameters } from '../definition.ts';

/** Subnet tokens and their pools. */
export const POOLS_PARAMETERS = defineParameters({
  poolFeeRate: {
    unit: 'of 65,535',
    initial: 33n,
    min: 0n,
    max: 10_000n,
    source: 'Bittensor swap FeeRate',
    help: 'Fee of a swap, of what is paid. It stays in the pool.',
  },
  poolMinReserve: {
    unit: 'pebbles',
    initial: 1_000n,
    min: 1n,
    max: 1_000_000_000_000n,
    source: 'own choice',
    help: 'Reserve of either side below which a pool does not trade.',
  },
  maxOrdersPerPool: {
    unit: 'count',
    initial: 1_024n,
    min: 1n,
    max: 4_096n,
    source: 'own choice',
    help: 'Most swaps that one pool clears in a block.',
  },
  rootWeight: {
    unit: 'of 2^64',
    initial: 971_718_665_099_567_868n,
    min: 0n,
    max: 9_223_372_036_854_775_808n,
    source: 'Bittensor TaoWeight',
    help: "What a pebble on root counts for against a unit of a subnet's token.",
  },
  priceSmoothing: {
    unit: 'of 1,000,000',
    initial: 3n,
    min: 0n,
    max: 1_000_000n,
    source: 'Bittensor SubnetMovingAlpha',
    help: "Weight of a slot's price in the moving average of an old subnet.",
  },
  priceHalfLifeSlots: {
    unit: 'slots',
    initial: 201_600n,
    min: 1n,
    max: 10_000_000n,
    source: 'Bittensor EMAPriceHalvingBlocks',
    help: "Age at which a subnet's price weighs half of that.",
  },
});
