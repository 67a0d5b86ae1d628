import type { ParameterName } from '../parameters/table.ts';
import { type HyperparameterName, MAX_REVEAL_EPOCHS, MAX_UIDS } from './hyperparameters.ts';

export interface HyperparameterDefinition {
  readonly unit:
    | 'slots'
    | 'epochs'
    | 'count'
    | 'u16 proportion'
    | 'ppm'
    | 'bps'
    | 'hundredths'
    | 'pebbles'
    | 'switch'
    | 'version';
  readonly initial: bigint;
  readonly min: bigint;
  readonly max: bigint;
  /** Network parameter that gives the value of a new subnet in place of `initial`. */
  readonly initialFrom?: ParameterName;
  /** Network parameter that gives the lower bound in place of `min`. */
  readonly minFrom?: ParameterName;
  readonly source: string;
  readonly help: string;
}

/** Every hyperparameter of a subnet. The table is the only place: creation, bounds and documents come from it. */
export const HYPERPARAMETERS: { readonly [K in HyperparameterName]: HyperparameterDefinition } = {
  tempo: {
    unit: 'slots',
    initial: 360n,
    initialFrom: 'defaultTempo',
    min: 5n,
    minFrom: 'minTempo',
    max: 50_400n,
    source: 'Bittensor Tempo',
    help: 'Slots between two epochs.',
  },
  maxUids: {
    unit: 'count',
    initial: 256n,
    min: 4n,
    max: BigInt(MAX_UIDS),
    source: 'Bittensor MaxAllowedUids',
    help: 'Most neurons; not below those registered, and with all its mechanisms together no more than 4,096.',
  },
  maxValidators: {
    unit: 'count',
    initial: 64n,
    min: 1n,
    max: 256n,
    source: 'Bittensor MaxAllowedValidators',
    help: 'Most neurons with a validator permit.',
  },
  immunitySlots: {
    unit: 'slots',
    initial: 5_000n,
    initialFrom: 'defaultImmunitySlots',
    min: 0n,
    max: 1_000_000n,
    source: 'Bittensor ImmunityPeriod',
    help: 'Slots after its registration in which others are pruned before a neuron.',
  },
  minNonImmuneUids: {
    unit: 'count',
    initial: 10n,
    min: 0n,
    max: BigInt(MAX_UIDS),
    source: 'Bittensor MinNonImmuneUids',
    help: 'Neurons past their immunity that pruning leaves; at this floor an immune one goes.',
  },
  immuneOwnerUids: {
    unit: 'count',
    initial: 1n,
    min: 0n,
    max: 10n,
    source: 'Bittensor ImmuneOwnerUidsLimit',
    help: "Neurons of the subnet's owner that are never pruned: those registered first.",
  },
  activityCutoffSlots: {
    unit: 'slots',
    initial: 5_000n,
    min: 5n,
    max: 1_000_000n,
    source: 'Bittensor ActivityCutoff',
    help: 'A validator whose last weights are older has no say in an epoch; not below the tempo.',
  },
  yumaVersion: {
    unit: 'version',
    initial: 3n,
    min: 2n,
    max: 3n,
    source: 'Bittensor Yuma3On',
    help: 'Rule for bonds: 3, or 2.',
  },
  kappa: {
    unit: 'u16 proportion',
    initial: 32_767n,
    min: 1n,
    max: 65_535n,
    source: 'Bittensor Kappa',
    help: 'Share of stake that must support a weight for it to count.',
  },
  bondsPenalty: {
    unit: 'u16 proportion',
    initial: 65_535n,
    min: 0n,
    max: 65_535n,
    source: 'Bittensor BondsPenalty',
    help: 'How far bonds follow clipped weights rather than those submitted.',
  },
  bondsMovingAverage: {
    unit: 'ppm',
    initial: 900_000n,
    min: 0n,
    max: 1_000_000n,
    source: 'Bittensor BondsMovingAverage',
    help: 'Share of old bonds that an epoch keeps while liquid alpha is off.',
  },
  liquidAlpha: {
    unit: 'switch',
    initial: 0n,
    min: 0n,
    max: 1n,
    source: 'Bittensor LiquidAlphaOn',
    help: '1: how fast bonds follow depends on the distance to consensus. Only with Yuma version 3.',
  },
  alphaLow: {
    unit: 'u16 proportion',
    initial: 45_875n,
    min: 1n,
    max: 65_535n,
    source: 'Bittensor AlphaValues',
    help: 'Least liquid alpha.',
  },
  alphaHigh: {
    unit: 'u16 proportion',
    initial: 58_982n,
    min: 1n,
    max: 65_535n,
    source: 'Bittensor AlphaValues',
    help: 'Greatest liquid alpha; not below alphaLow.',
  },
  alphaSteepness: {
    unit: 'hundredths',
    initial: 1_000n,
    min: 1n,
    max: 10_000n,
    source: 'Bittensor AlphaSigmoidSteepness',
    help: 'Steepness of the sigmoid of liquid alpha.',
  },
  minAllowedWeights: {
    unit: 'count',
    initial: 1n,
    min: 1n,
    max: BigInt(MAX_UIDS),
    source: 'Bittensor MinAllowedWeights',
    help: 'Fewest uids that weights must name, or all there are.',
  },
  weightsRateLimitSlots: {
    unit: 'slots',
    initial: 100n,
    initialFrom: 'defaultWeightsRateLimitSlots',
    min: 0n,
    max: 100_000n,
    source: 'Bittensor WeightsSetRateLimit',
    help: 'Least slots between two weights of one validator; at most half the tempo, so that it can reveal in every epoch.',
  },
  weightsVersion: {
    unit: 'version',
    initial: 0n,
    min: 0n,
    max: 0xffff_ffffn,
    source: 'Bittensor WeightsVersionKey',
    help: 'Least version of the mechanism that weights must state; 0: any.',
  },
  burnMin: {
    unit: 'pebbles',
    initial: 500_000n,
    min: 0n,
    max: 1_000_000_000_000n,
    source: 'Bittensor MinBurn',
    help: 'Least price of a neuron, at full issuance.',
  },
  burnMax: {
    unit: 'pebbles',
    initial: 100_000_000_000n,
    min: 1_000n,
    max: 1_000_000_000_000_000n,
    source: 'Bittensor MaxBurn',
    help: 'Greatest price of a neuron; not below burnMin.',
  },
  burnHalfLifeSlots: {
    unit: 'slots',
    initial: 360n,
    min: 1n,
    max: 7_200n,
    source:
      'Bittensor BurnHalfLife; the bound is a day, since bringing a price up to date costs steps in proportion',
    help: 'Slots in which an idle price of a neuron halves.',
  },
  burnIncreaseBps: {
    unit: 'bps',
    initial: 12_600n,
    min: 10_000n,
    max: 100_000n,
    source: 'Bittensor BurnIncreaseMult',
    help: 'What a registration multiplies the price by.',
  },
  registrationsPerBlock: {
    unit: 'count',
    initial: 1n,
    initialFrom: 'defaultRegistrationsPerBlock',
    min: 1n,
    max: 64n,
    source: 'Bittensor MaxRegistrationsPerBlock',
    help: 'Most neurons that register in one block.',
  },
  registrationOpen: {
    unit: 'switch',
    initial: 1n,
    min: 0n,
    max: 1n,
    source: 'Bittensor NetworkRegistrationAllowed',
    help: '1: neurons may register.',
  },
  commitReveal: {
    unit: 'version',
    initial: 1n,
    min: 0n,
    max: 2n,
    source: 'Bittensor CommitRevealWeightsEnabled',
    help: '1: weights are committed as a hash and revealed later; 2: they are locked to a round of the randomness beacon of the network and the ledger opens them; 0: they are set in the open. Commits made before a change are still revealed.',
  },
  revealEpochs: {
    unit: 'epochs',
    initial: 1n,
    min: 1n,
    max: BigInt(MAX_REVEAL_EPOCHS),
    source: 'Bittensor RevealPeriodEpochs',
    help: 'Epochs from the commit of weights to the epoch in which they are revealed and count; a change holds for later commits.',
  },
  stakeCapBps: {
    unit: 'bps',
    initial: 0n,
    min: 0n,
    max: 10_000n,
    source: 'own choice; arXiv 2507.02951 proposes the 88th percentile',
    help: "Percentile of the validators' stakes above which stake has no more say in an epoch; 0: no cap.",
  },
  trustedDividendsBps: {
    unit: 'bps',
    initial: 0n,
    min: 0n,
    max: 10_000n,
    source: 'own choice; arXiv 2507.02951 proposes dividends by performance',
    help: 'How far dividends are weighed by trust, the part of its weights that a validator keeps under consensus; 0: not at all.',
  },
};

export const HYPERPARAMETER_NAMES = Object.keys(HYPERPARAMETERS) as HyperparameterName[];
