/**
 * One validator's row of weights or bonds: `values[k]` (u16) belongs to uid `uids[k]`; uids strictly ascend.
 *
 * A listed uid with value 0 is an explicit zero, a uid that is not listed is no entry. Every rule here is
 * dense: both count as zero, and an old bond decays in either case. (In a sparse liquid-alpha rule a
 * missing entry would drop the bond at once, so that leaving a miner out would pay.)
 */
export interface SparseRow {
  readonly uids: Uint16Array;
  readonly values: Uint16Array;
}

export interface LiquidAlpha {
  /** Smallest alpha, as a u16 proportion. @default 45_875 */
  readonly lowU16: number;
  /** Largest alpha, as a u16 proportion. @default 58_982 */
  readonly highU16: number;
  /** Steepness of the sigmoid in hundredths. @default 1_000 */
  readonly steepnessCenti: number;
}

export interface EpochParameters {
  /** Bond rule: 3 keeps bonds per pair in absolute terms, 2 normalises them per miner. */
  readonly yumaVersion: 2 | 3;
  /** Share of stake that must support a weight, as a u16 proportion. */
  readonly kappaU16: number;
  /** How far bonds follow clipped weights rather than submitted ones, as a u16 proportion. */
  readonly bondsPenaltyU16: number;
  /** Share of an old bond that is kept when liquid alpha is off, in parts per million. */
  readonly bondsMovingAveragePpm: number;
  /** Only under Yuma 3; null is off. */
  readonly liquidAlpha: LiquidAlpha | null;
  /** Permits given out for the next epoch. */
  readonly maxValidators: number;
  /** Validators whose last weights are older than this many slots have no say. */
  readonly activityCutoffSlots: number;
  /** Stake below this counts as none, except the owner's. */
  readonly stakeThreshold: bigint;
  /** Percentile of the validators' stakes above which stake has no more say, in basis points; 0 is off. */
  readonly stakeCapBps: number;
  /** How far dividends depend on trust, in basis points; 0 is off. */
  readonly trustedDividendsBps: number;
}

/** Parameters of a new subnet. */
export const DEFAULT_EPOCH_PARAMETERS: EpochParameters = {
  yumaVersion: 3,
  kappaU16: 32_767,
  bondsPenaltyU16: 65_535,
  bondsMovingAveragePpm: 900_000,
  liquidAlpha: null,
  maxValidators: 64,
  activityCutoffSlots: 5_000,
  stakeThreshold: 0n,
  stakeCapBps: 0,
  trustedDividendsBps: 0,
};

/** Liquid alpha as a subnet gets it when it switches it on. */
export const DEFAULT_LIQUID_ALPHA: LiquidAlpha = { lowU16: 45_875, highU16: 58_982, steepnessCenti: 1_000 };

/** What an epoch is computed from. All lists have one entry for each uid; slots are whole numbers below 2^53. */
export interface EpochInput {
  readonly parameters: EpochParameters;
  /** Slot of this epoch. */
  readonly slot: number;
  /** Slot of the last epoch that ran; bonds to miners registered at or after it are dropped. */
  readonly lastEpochSlot: number;
  readonly ownerUid: number | null;
  /** Stake in pebbles, delegations and root weight included. */
  readonly stakes: ArrayLike<bigint>;
  /** 1 for holders of a permit from the last epoch. */
  readonly permits: Uint8Array;
  /** Slot of the last weights. */
  readonly lastUpdate: Float64Array;
  readonly registeredAt: Float64Array;
  /** Slot of each validator's earliest live commit, Infinity without one; null where weights are not committed. */
  readonly earliestCommit: Float64Array | null;
  readonly weights: readonly (SparseRow | null)[];
  readonly bonds: readonly (SparseRow | null)[];
  /** Pebbles to hand out. */
  readonly emission: bigint;
}

/** Results of an epoch; u16 values are proportions of 65,535, rounded down. */
export interface EpochOutput {
  readonly active: Uint8Array;
  readonly newPermits: Uint8Array;
  readonly stakeShare: Uint16Array;
  readonly consensus: Uint16Array;
  readonly incentive: Uint16Array;
  readonly dividends: Uint16Array;
  /** How much of its weights each validator kept after clipping. */
  readonly validatorTrust: Uint16Array;
  /** Bonds to keep: rows of holders of new permits, null for everyone else. */
  readonly bonds: readonly (SparseRow | null)[];
  /** Pebbles for mining, ⌊share · emission⌋; what rounding leaves over is not handed out. */
  readonly serverEmission: BigInt64Array;
  /** Pebbles for validating, ⌊share · emission⌋. */
  readonly validatorEmission: BigInt64Array;
  /** Pebbles of both together, from the joint share; the pruning key. */
  readonly emission: BigInt64Array;
}
