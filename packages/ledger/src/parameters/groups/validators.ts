import { defineParameters } from '../definition.ts';

/** Who votes on blocks, and their pay. */
export const VALIDATORS_PARAMETERS = defineParameters({
  proposerRewardBps: {
    unit: 'bps',
    initial: 200n,
    min: 0n,
    max: 2_000n,
    source: 'own choice',
    help: 'Share of what a block mints that its proposer and those who stake to it earn.',
  },
  validatorEpochSlots: {
    unit: 'slots',
    initial: 360n,
    min: 1n,
    max: 50_400n,
    source: 'PROTOCOL validators, figure own choice',
    help: 'Slots between updates of voting powers.',
  },
  validatorPowerMoveBps: {
    unit: 'bps',
    initial: 1_000n,
    min: 1n,
    max: 1_000n,
    source: 'PROTOCOL validators',
    help: 'Most of the voting power that one update moves.',
  },
  maxConsensusValidators: {
    unit: 'count',
    initial: 100n,
    min: 1n,
    max: 200n,
    source: 'own choice',
    help: 'Most validators that vote on blocks by their stake.',
  },
  validatorMinStake: {
    unit: 'pebbles',
    initial: 1_000_000_000_000n,
    min: 0n,
    max: 1_000_000_000_000_000n,
    source: 'own choice',
    help: 'Least stake of a validator that votes on blocks, at full issuance.',
  },
});
