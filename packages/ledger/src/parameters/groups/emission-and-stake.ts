import { defineParameters } from '../definition.ts';

/** Who shares in what is minted, and stake. */
export const EMISSION_AND_STAKE_PARAMETERS = defineParameters({
  ownerCutBps: {
    unit: 'bps',
    initial: 1_800n,
    min: 0n,
    max: 5_000n,
    source: 'Bittensor SubnetOwnerCut',
    help: "Share of a subnet's emission that its owner gets.",
  },
  emissionShareRule: {
    unit: 'version',
    initial: 2n,
    min: 1n,
    max: 6n,
    source: 'own choice',
    help: 'How block emission is shared among subnets: 1 equally, 2 by settled usage and price, 3 by price, 4 by flow, 5 by net flow, 6 by settled usage.',
  },
  maxTakeBps: {
    unit: 'bps',
    initial: 1_800n,
    min: 0n,
    max: 5_000n,
    source: 'Bittensor DelegateTake',
    help: "Most a validator may take of its stakers' dividends.",
  },
  minStake: {
    unit: 'pebbles',
    initial: 2_000_000n,
    min: 0n,
    max: 1_000_000_000_000n,
    source: 'Bittensor MinStake',
    help: 'Least amount of one stake or of what is left of it.',
  },
  takeRaiseSlots: {
    unit: 'slots',
    initial: 216_000n,
    min: 0n,
    max: 10_000_000n,
    source: 'Bittensor TxDelegateTakeRateLimit',
    help: 'Least slots between two raises of a take.',
  },
  unbondingSlots: {
    unit: 'slots',
    initial: 151_200n,
    min: 0n,
    max: 1_000_000n,
    source: 'own choice (21 days)',
    help: 'For how long unstaked CAIRN waits, and stake that left a hotkey answers for it; 0: not at all.',
  },
  releasesPerBlock: {
    unit: 'count',
    initial: 64n,
    min: 1n,
    max: 1_024n,
    source: 'own choice',
    help: 'Departures that a block frees by itself.',
  },
});
