/** One network parameter: everything a person needs to judge it. Amounts in pebbles, times in slots. */
export interface ParameterDefinition {
  readonly unit:
    | 'pebbles'
    | 'pebbles per byte'
    | 'pebbles per work unit'
    | 'slots'
    | 'blocks'
    | 'ms'
    | 'bps'
    | 'count'
    | 'bytes'
    | 'work units'
    | 'version';
  readonly initial: bigint;
  readonly min: bigint;
  readonly max: bigint;
  readonly source: string;
  readonly help: string;
}

const define = <const T extends Record<string, ParameterDefinition>>(table: T): T => table;

/**
 * Every network parameter. The table is the only place: genesis, state, documents and bounds come from it.
 */
export const PARAMETERS = define({
  slotMs: {
    unit: 'ms',
    initial: 12_000n,
    min: 100n,
    max: 60_000n,
    source: 'PROTOCOL time',
    help: 'Block time that counts as one slot.',
  },
  maxSlotsPerBlock: {
    unit: 'slots',
    initial: 10n,
    min: 1n,
    max: 100n,
    source: 'PROTOCOL time',
    help: 'Most slots one block accrues; the rest carries over.',
  },
  feeBase: {
    unit: 'pebbles',
    initial: 10_000n,
    min: 0n,
    max: 1_000_000_000n,
    source: 'own choice',
    help: 'Fee of any transaction before bytes and work.',
  },
  feePerByte: {
    unit: 'pebbles per byte',
    initial: 100n,
    min: 0n,
    max: 10_000_000n,
    source: 'own choice',
    help: 'Fee for each byte of a transaction.',
  },
  feePerWork: {
    unit: 'pebbles per work unit',
    initial: 100n,
    min: 0n,
    max: 10_000_000n,
    source: 'own choice',
    help: 'Fee for each unit of declared work; one unit is about one record read and written.',
  },
  maxTransactionBytes: {
    unit: 'bytes',
    initial: 65_536n,
    min: 1_024n,
    max: 1_048_576n,
    source: 'own choice',
    help: 'Largest transaction.',
  },
  maxBlockBytes: {
    unit: 'bytes',
    initial: 2_097_152n,
    min: 65_536n,
    max: 20_971_520n,
    source: 'ledger engineering a.4',
    help: 'Most transaction bytes of one block.',
  },
  maxBlockWork: {
    unit: 'work units',
    initial: 200_000n,
    min: 1_000n,
    max: 10_000_000n,
    source: 'own choice',
    help: 'Most declared work of one block.',
  },
  depositPerByte: {
    unit: 'pebbles per byte',
    initial: 1_000n,
    min: 0n,
    max: 10_000_000n,
    source: 'PROTOCOL genesis',
    help: 'Refundable deposit for each byte kept in state.',
  },
  accountDeposit: {
    unit: 'pebbles',
    initial: 200_000n,
    min: 0n,
    max: 1_000_000_000n,
    source: 'PROTOCOL genesis',
    help: 'Refundable deposit that an account keeps while it exists.',
  },
  subnetLimit: {
    unit: 'count',
    initial: 128n,
    min: 1n,
    max: 4_096n,
    source: 'Bittensor SubnetLimit',
    help: 'Most subnets.',
  },
  subnetLockMin: {
    unit: 'pebbles',
    initial: 1_000_000_000_000n,
    min: 0n,
    max: 1_000_000_000_000_000n,
    source: 'Bittensor NetworkMinLockCost',
    help: 'Least amount locked to create a subnet.',
  },
  subnetLockReductionSlots: {
    unit: 'slots',
    initial: 100_800n,
    min: 1n,
    max: 10_000_000n,
    source: 'Bittensor NetworkLockReductionInterval',
    help: 'Slots over which the lock cost falls from double to its last value.',
  },
  ownerCutBps: {
    unit: 'bps',
    initial: 1_800n,
    min: 0n,
    max: 5_000n,
    source: 'Bittensor SubnetOwnerCut',
    help: "Share of a subnet's emission that its owner gets.",
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
  initialBurn: {
    unit: 'pebbles',
    initial: 1_000_000_000n,
    min: 0n,
    max: 1_000_000_000_000n,
    source: 'Bittensor Burn of a new subnet',
    help: 'Price of the first neuron of a new subnet, at full issuance.',
  },
  fullPriceIssuance: {
    unit: 'pebbles',
    initial: 1_000_000_000_000_000n,
    min: 1n,
    max: 21_000_000_000_000_000n,
    source: 'PROTOCOL genesis, figure own choice',
    help: 'Issuance from which prices of neurons and subnets are in full; below it they are in proportion.',
  },
  defaultTempo: {
    unit: 'slots',
    initial: 360n,
    min: 5n,
    max: 50_400n,
    source: 'Bittensor Tempo',
    help: 'Slots between epochs of a new subnet.',
  },
  minTempo: {
    unit: 'slots',
    initial: 360n,
    min: 5n,
    max: 50_400n,
    source: 'Bittensor set_tempo',
    help: 'Fewest slots between epochs that an owner may set.',
  },
  defaultImmunitySlots: {
    unit: 'slots',
    initial: 5_000n,
    min: 0n,
    max: 1_000_000n,
    source: 'Bittensor ImmunityPeriod of a new subnet',
    help: 'Slots in which a new neuron of a new subnet is not pruned before others.',
  },
  defaultWeightsRateLimitSlots: {
    unit: 'slots',
    initial: 100n,
    min: 0n,
    max: 100_000n,
    source: 'Bittensor WeightsSetRateLimit',
    help: 'Least slots between two weights of one validator of a new subnet.',
  },
  defaultRegistrationsPerBlock: {
    unit: 'count',
    initial: 1n,
    min: 1n,
    max: 64n,
    source: 'Bittensor MaxRegistrationsPerBlock',
    help: 'Most neurons that register on one new subnet in a block.',
  },
  hyperparameterFreezeSlots: {
    unit: 'slots',
    initial: 10n,
    min: 0n,
    max: 10_000n,
    source: 'Bittensor AdminFreezeWindow',
    help: 'Slots before an epoch in which hyperparameters stand still.',
  },
  maxEpochsPerBlock: {
    unit: 'count',
    initial: 2n,
    min: 1n,
    max: 64n,
    source: 'Bittensor MaxEpochsPerBlock',
    help: 'Most subnet epochs of one block; the others run in the next.',
  },
  emissionShareRule: {
    unit: 'version',
    initial: 1n,
    min: 1n,
    max: 1n,
    source: 'own choice',
    help: 'How block emission is shared among subnets; 1 is equal shares.',
  },
  channelDisputeBlocks: {
    unit: 'blocks',
    initial: 7_200n,
    min: 2n,
    max: 1_000_000n,
    source: 'market reference f1 (24 h)',
    help: 'Live blocks between starting to close a channel and finalising it.',
  },
  channelBurnBps: {
    unit: 'bps',
    initial: 100n,
    min: 0n,
    max: 5_000n,
    source: 'PROTOCOL emission by settled usage',
    help: 'Share of every channel claim that is burned.',
  },
});

export type ParameterName = keyof typeof PARAMETERS;
export type Parameters = { readonly [K in ParameterName]: bigint };
export const PARAMETER_NAMES = Object.keys(PARAMETERS) as ParameterName[];
