import {
  DEFAULT_EPOCH_PARAMETERS,
  DEFAULT_LIQUID_ALPHA,
  type EpochOutput,
  type EpochParameters,
  type LiquidAlpha,
  resetBonds,
  runEpoch,
  type SparseRow,
} from '@cairn/ledger';
import {
  type Fields,
  readBigint,
  readCount,
  readCounts,
  readFlag,
  readList,
  readNumber,
} from './read-fields.ts';

/** Slot in which everyone was registered; weights are set after it. */
const REGISTERED_AT = 0;
const WEIGHTS_SET_AT = 1;
const LAST_EPOCH_AT = 1;
const U16_MAX = 65_535;

/** A subnet as the epoch cases describe it, kept from one epoch to the next. */
export interface EpochWorld {
  readonly n: number;
  readonly validators: readonly number[];
  readonly servers: readonly number[];
  /** Replaces one validator's row of weights. */
  setWeights(uid: number, row: SparseRow | null): void;
  /** Forgets all bonds to one miner. */
  resetBonds(miner: number): void;
  /** Runs one epoch; validators in `inactive` have not set weights within the cutoff. */
  runEpoch(inactive?: readonly number[]): EpochOutput;
  /** Stored bond in u16. */
  bond(validator: number, miner: number): number;
}

/**
 * The world of a case, with the defaults of the vectors where a field is absent.
 *
 * @param isYuma3Default what the kind means when it does not say.
 * @throws ProvingError `VECTOR_FIELD_MALFORMED`
 */
export function createEpochWorld(input: Fields, isYuma3Default: boolean): EpochWorld {
  const stakes = readList(input.stakes, 'input.stakes').map((stake, uid) =>
    readBigint(stake, `input.stakes[${uid}]`),
  );
  const n = input.n === undefined ? stakes.length : readCount(input.n, 'input.n');
  while (stakes.length < n) stakes.push(0n);
  const everyone = Array.from({ length: n }, (_, uid) => uid);
  const validators =
    input.validators === undefined ? everyone : readCounts(input.validators, 'input.validators');
  const servers =
    input.servers === undefined
      ? everyone.filter((uid) => input.validators === undefined || !validators.includes(uid))
      : readCounts(input.servers, 'input.servers');
  const parameters = readParameters(input, isYuma3Default);
  const owner = input.owner_uid ?? input.owner ?? null;
  const ownerUid = owner === null ? null : readCount(owner, 'input.owner');
  const emission = readBigint(input.emission ?? 1_000_000_000, 'input.emission');
  const alwaysInactive = readCounts(input.inactive ?? [], 'input.inactive');
  const slot = WEIGHTS_SET_AT + parameters.activityCutoffSlots + 1;

  const weights = new Array<SparseRow | null>(n).fill(null);
  let bonds = new Array<SparseRow | null>(n).fill(null);
  let permits = new Uint8Array(n);
  for (const uid of validators) permits[uid] = 1;

  return {
    n,
    validators,
    servers,
    setWeights(uid, row) {
      weights[uid] = row;
    },
    resetBonds(miner) {
      bonds = resetBonds(bonds, miner);
    },
    runEpoch(inactive = []) {
      const lastUpdate = new Float64Array(n).fill(slot);
      for (const uid of [...alwaysInactive, ...inactive]) lastUpdate[uid] = WEIGHTS_SET_AT;
      const output = runEpoch({
        parameters,
        slot,
        lastEpochSlot: LAST_EPOCH_AT,
        ownerUid,
        stakes,
        permits,
        lastUpdate,
        registeredAt: new Float64Array(n).fill(REGISTERED_AT),
        earliestCommit: null,
        weights,
        bonds,
        emission,
      });
      bonds = [...output.bonds];
      permits = output.newPermits.slice();
      return output;
    },
    bond(validator, miner) {
      const row = bonds[validator] ?? null;
      const at = row === null ? -1 : row.uids.indexOf(miner);
      return row === null || at < 0 ? 0 : row.values[at]!;
    },
  };
}

function readParameters(input: Fields, isYuma3Default: boolean): EpochParameters {
  const defaults = DEFAULT_EPOCH_PARAMETERS;
  const count = (name: string, fallback: number): number =>
    readCount(input[name] ?? fallback, `input.${name}`);
  return {
    ...defaults,
    yumaVersion: readFlag(input.yuma3, 'input.yuma3', isYuma3Default) ? 3 : 2,
    kappaU16: count('kappa_u16', defaults.kappaU16),
    bondsPenaltyU16: count('bonds_penalty_u16', defaults.bondsPenaltyU16),
    bondsMovingAveragePpm: count('bonds_moving_average', defaults.bondsMovingAveragePpm),
    liquidAlpha: readFlag(input.liquid_alpha, 'input.liquid_alpha') ? readLiquidAlpha(input) : null,
    maxValidators: readCount(
      input.max_validators ?? input.max_allowed_validators ?? defaults.maxValidators,
      'input.max_validators',
    ),
    activityCutoffSlots: count('activity_cutoff', defaults.activityCutoffSlots),
    stakeThreshold: readBigint(input.stake_threshold ?? 0, 'input.stake_threshold'),
  };
}

function readLiquidAlpha(input: Fields): LiquidAlpha {
  return {
    lowU16: readAlpha(input, 'alpha_low', DEFAULT_LIQUID_ALPHA.lowU16),
    highU16: readAlpha(input, 'alpha_high', DEFAULT_LIQUID_ALPHA.highU16),
    steepnessCenti: readCount(
      input.alpha_sigmoid_steepness ?? DEFAULT_LIQUID_ALPHA.steepnessCenti,
      'input.alpha_sigmoid_steepness',
    ),
  };
}

/** An alpha is a proportion up to one, or a u16 above one or under a name that ends in u16. */
function readAlpha(input: Fields, name: string, fallback: number): number {
  const u16 = input[`${name}_u16`];
  if (u16 !== undefined) return readCount(u16, `input.${name}_u16`);
  if (input[name] === undefined) return fallback;
  const value = readNumber(input[name], `input.${name}`);
  return value > 1 ? readCount(value, `input.${name}`) : Math.floor(value * U16_MAX);
}
