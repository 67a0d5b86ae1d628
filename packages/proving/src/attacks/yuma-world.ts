import type { AccountId } from '@cairn/core';
import {
  choosePermits,
  DEFAULT_EPOCH_PARAMETERS,
  type EpochOutput,
  runEpoch,
  type SparseRow,
} from '@cairn/ledger';
import { type CarriedScore, DEFAULT_SCORING_RULES, settleScores, shapeScores } from '@cairn/mechanisms';
import { FX_ONE, type Fx } from '@cairn/protocol';
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
  /** The weights of the honest validators, by validator. */
  readonly honest: readonly (readonly number[])[];
  /** Weights of the adversary if it measures and hides nothing. */
  readonly own: readonly number[];
  /** What the adversary's own tasks showed, by miner. */
  readonly ownMarks: readonly (readonly Fx[])[];
  /** The weights of the honest validators of all epochs before. */
  readonly revealed: readonly (readonly (readonly number[])[])[];
}

export interface YumaWorldOptions {
  readonly seed: number;
  readonly epochs: number;
  /** The adversary's share of the stake that votes. */
  readonly stakeShare: number;
  /** Of the answers of the adversary's own miner the part that is right, against others' mean of one. 0: it does nothing. */
  readonly ownQuality: number;
  /** Weights of the adversary on the miners in an epoch. Called for one epoch after the other. */
  weigh(scene: EpochScene): readonly number[];
  /** Share of the dividends paid out in the epoch whose weights were asked for last. @default all */
  paidShare?(): number;
}

/** What the adversary earned, as shares of all that the epochs handed out. */
export interface YumaIncome {
  readonly dividends: number;
  readonly incentive: number;
}

/** Epochs before income counts, in which bonds settle. */
const WARM_EPOCHS = 5;
/** Once in so many epochs a miner becomes another one: as good as somebody else. */
const EPOCHS_UNCHANGED = 10;

const MINER_KEYS = Array.from({ length: MINERS }, (_, miner) => ({
  uid: FIRST_MINER + miner,
  miner: Uint8Array.from({ length: 32 }, (_, index) => (index === 31 ? miner : 0)) as AccountId,
}));

/** Scores of one validator from one epoch to the next, as its node makes them. */
export interface Scorer {
  /** Weights from the marks of an epoch, and what is carried over. */
  weigh(marks: readonly (readonly Fx[])[]): number[];
  /** Smoothed scores so far, of one; empty at first. */
  readonly carried: readonly number[];
}

/** Tie band, power and smoothing are those of the validator of this network, by its own code. */
export function createScorer(): Scorer {
  let carried: readonly CarriedScore[] = [];
  return {
    weigh(marks) {
      const listed = MINER_KEYS.map(({ miner }, index) => ({ miner, scores: marks[index]! }));
      const shaped = shapeScores(listed, DEFAULT_SCORING_RULES);
      const { scores, weights } = settleScores(shaped, MINER_KEYS, carried, DEFAULT_SCORING_RULES);
      carried = scores.map(({ miner, smoothed }) => ({ miner, score: smoothed }));
      return [...weights.values];
    },
    get carried() {
      return carried.map(({ score }) => Number(score) / Number(FX_ONE));
    },
  };
}

type Scenes = readonly EpochScene[];
const knownScenes = new Map<string, Scenes>();
const MOST_SCENES = 256;

/** What happens on a subnet whatever the adversary does: the same for all its strategies. */
function scenesOf(seed: number, epochs: number, ownQuality: number): Scenes {
  const key = `${seed} ${epochs} ${ownQuality}`;
  const known = knownScenes.get(key);
  if (known !== undefined) return known;
  const random = createSeededRandom(seed);
  // Thousandths of the tasks that a miner gets right.
  const draw = () => 500 + random.below(480);
  const ownDraw = () => Math.min(1_000, Math.round(ownQuality * draw()));
  const isOwn = (miner: number) => FIRST_MINER + miner === OWN_MINER;
  let quality = Array.from({ length: MINERS }, (_, miner) => (isOwn(miner) ? ownDraw() : draw()));
  const measure = () =>
    quality.map((right) =>
      Array.from({ length: DEFAULT_SCORING_RULES.tasks }, () => (random.below(1_000) < right ? FX_ONE : 0n)),
    );
  const scorers = Array.from({ length: HONEST_VALIDATORS }, createScorer);
  const ownScorer = createScorer();
  const scenes: EpochScene[] = [];
  const revealed: (readonly (readonly number[])[])[] = [];
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    quality = quality.map((right, miner) =>
      !random.oneIn(EPOCHS_UNCHANGED) ? right : isOwn(miner) ? ownDraw() : draw(),
    );
    const honest = scorers.map((scorer) => scorer.weigh(measure()));
    const ownMarks = measure();
    scenes.push({ honest, ownMarks, own: ownScorer.weigh(ownMarks), revealed: [...revealed] });
    revealed.push(honest);
  }
  if (knownScenes.size >= MOST_SCENES) knownScenes.clear();
  knownScenes.set(key, scenes);
  return scenes;
}

function rowOf(values: readonly number[]): SparseRow {
  const top = Math.max(...values, 1e-9);
  return {
    uids: Uint16Array.from({ length: MINERS }, (_, index) => FIRST_MINER + index),
    values: Uint16Array.from(values, (value) => Math.round((65_535 * Math.max(0, value)) / top)),
  };
}

/** One subnet under the ledger's own epochs: honest validators who measure and score as nodes do, and an adversary. */
export function playYuma(options: YumaWorldOptions): YumaIncome {
  const { seed, epochs, stakeShare, ownQuality, weigh, paidShare = () => 1 } = options;
  const stakes = stakesOf(stakeShare, createSeededRandom(seed + 0x1_0000));
  let permits = choosePermits(
    Float64Array.from(stakes, Number),
    DEFAULT_EPOCH_PARAMETERS.maxValidators,
    null,
  );
  let bonds: readonly (SparseRow | null)[] = Array(NEURONS).fill(null);
  const earned = { dividends: 0, incentive: 0 };
  for (const [index, scene] of scenesOf(seed, epochs + WARM_EPOCHS, ownQuality).entries()) {
    const epoch = index + 1;
    const weights = [weigh(scene), ...scene.honest].map(rowOf);
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
    const dividends = Number(output.validatorEmission[0]!);
    if (epoch <= WARM_EPOCHS) {
      // Or a forfeit before income counts would be free, and what it bought in bonds not.
      earned.dividends -= (1 - paidShare()) * dividends;
      continue;
    }
    earned.dividends += paidShare() * dividends;
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
