import {
  choosePermits,
  DEFAULT_EPOCH_PARAMETERS,
  type EpochOutput,
  runEpoch,
  type SparseRow,
} from '@cairn/ledger';
import { createSeededRandom } from '../simulation/seeded-random.ts';

export const TEMPO = 360;
/** Units of the token that an epoch hands out. */
export const EPOCH_EMISSION = 295_200_000_000n;
const HONEST_VALIDATORS = 7;
export const MINERS = 16;
/** The adversary's validator is uid 0, the honest ones follow, then the miners. */
const FIRST_MINER = 1 + HONEST_VALIDATORS;
const NEURONS = FIRST_MINER + MINERS;
/** The uid of the adversary's own miner. */
const OWN_MINER = NEURONS - 1;

/** One epoch as its players see it. */
export interface EpochScene {
  readonly epoch: number;
  /** What each honest validator measured of each miner, by validator. */
  readonly measured: readonly (readonly number[])[];
  /** What the adversary measures itself, as exactly as the others. */
  readonly own: readonly number[];
  /** The weights of the honest validators of all epochs before. */
  readonly revealed: readonly (readonly (readonly number[])[])[];
}

export interface YumaWorldOptions {
  readonly seed: number;
  readonly epochs: number;
  /** The adversary's share of the stake that votes. */
  readonly stakeShare: number;
  /** How much the quality of miners changes from one epoch to the next: 0 never, 1 anew each time. */
  readonly drift: number;
  /** Quality of the adversary's own miner: 1 as good as the others on average, 0 does nothing. */
  readonly ownQuality: number;
  /** Weights of the adversary on the miners in an epoch. */
  weigh(scene: EpochScene): readonly number[];
}

/** What the adversary earned, as shares of all that the epochs handed out. */
export interface YumaIncome {
  readonly dividends: number;
  readonly incentive: number;
}

/** Standard error of a measurement, of a quality of one. */
const NOISE = 0.1;
/** Epochs before income counts, in which bonds settle. */
const WARM_EPOCHS = 5;

function rowOf(values: readonly number[]): SparseRow {
  const top = Math.max(...values, 1e-9);
  return {
    uids: Uint16Array.from({ length: MINERS }, (_, index) => FIRST_MINER + index),
    values: Uint16Array.from(values, (value) => Math.round((65_535 * Math.max(0, value)) / top)),
  };
}

/** One subnet under the ledger's own epochs: honest validators who measure with an error, and an adversary. */
export function playYuma(options: YumaWorldOptions): YumaIncome {
  const { seed, epochs, stakeShare, drift, ownQuality, weigh } = options;
  const random = createSeededRandom(seed);
  const unit = () => random.below(1_000_000) / 1_000_000;
  // Twelve uniform numbers less six: nearly normal, and the same on every machine.
  const normal = () => Array.from({ length: 12 }, unit).reduce((sum, value) => sum + value, -6);
  const isOwn = (miner: number) => FIRST_MINER + miner === OWN_MINER;
  const draw = (miner: number) => (isOwn(miner) ? ownQuality : 0.5 + unit());
  let quality = Array.from({ length: MINERS }, (_, miner) => draw(miner));
  const stakes = stakesOf(stakeShare, random);
  let permits = choosePermits(
    Float64Array.from(stakes, Number),
    DEFAULT_EPOCH_PARAMETERS.maxValidators,
    null,
  );
  let bonds: readonly (SparseRow | null)[] = Array(NEURONS).fill(null);
  const revealed: (readonly (readonly number[])[])[] = [];
  const earned = { dividends: 0, incentive: 0 };
  const measure = () => quality.map((value) => (value === 0 ? 0 : Math.max(0, value + NOISE * normal())));
  for (let epoch = 1; epoch <= epochs + WARM_EPOCHS; epoch += 1) {
    quality = quality.map((value, miner) => (1 - drift) * value + drift * draw(miner));
    const measured = Array.from({ length: HONEST_VALIDATORS }, measure);
    const own = measure();
    const mine = weigh({ epoch, measured, own, revealed });
    const weights = [mine, ...measured].map(rowOf);
    const slot = epoch * TEMPO;
    const output: EpochOutput = runEpoch({
      parameters: DEFAULT_EPOCH_PARAMETERS,
      slot,
      lastEpochSlot: slot - TEMPO,
      ownerUid: null,
      stakes,
      permits,
      lastUpdate: new Float64Array(NEURONS).fill(slot - 1),
      registeredAt: new Float64Array(NEURONS),
      earliestCommit: null,
      weights: Array.from({ length: NEURONS }, (_, uid) => weights[uid] ?? null),
      bonds,
      emission: EPOCH_EMISSION,
    });
    bonds = output.bonds;
    permits = output.newPermits;
    revealed.push(measured);
    if (epoch <= WARM_EPOCHS) continue;
    earned.dividends += Number(output.validatorEmission[0]!);
    earned.incentive += Number(output.serverEmission[OWN_MINER]!);
  }
  const whole = Number(EPOCH_EMISSION) * epochs;
  return { dividends: earned.dividends / whole, incentive: earned.incentive / whole };
}

function stakesOf(share: number, random: ReturnType<typeof createSeededRandom>): bigint[] {
  const honest = Array.from({ length: HONEST_VALIDATORS }, () => 50 + random.below(100));
  const sum = honest.reduce((total, stake) => total + stake, 0);
  const scale = 1e12;
  const adversary = BigInt(Math.round(share * scale));
  const others = honest.map((stake) => BigInt(Math.round(((1 - share) * scale * stake) / sum)));
  return [adversary, ...others, ...Array<bigint>(MINERS).fill(0n)];
}
