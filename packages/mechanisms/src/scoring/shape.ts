import { type AccountId, compareBytes, struct, u8, u16, type ValueOf } from '@cairn/core';
import { FX_ONE, type Fx } from '@cairn/protocol';
import { MechanismError } from '../errors.ts';
import { MAX_TASKS } from '../service-tasks.ts';

/** How scores of one epoch become pay. Part of the evidence, so that anyone repeats it. */
export const scoringRulesShape = struct('ScoringRules', {
  tasks: u16,
  power: u8,
  tieZSquaredHundredths: u16,
  tieFloorPermille: u16,
  blendPermille: u16,
});

export type ScoringRules = ValueOf<typeof scoringRulesShape>;

/**
 * 48 tasks per epoch; relative score to the third power; a tie within 1.96 standard errors (3.84 squared) of
 * the paired difference and at no less than 85 % of the leader; 40 % of the newest epoch in the average.
 */
export const DEFAULT_SCORING_RULES: ScoringRules = {
  tasks: 48,
  power: 3,
  tieZSquaredHundredths: 384,
  tieFloorPermille: 850,
  blendPermille: 400,
};

/** @throws MechanismError `PARAMS_INVALID` */
export function checkScoringRules(rules: ScoringRules): void {
  const bounds: readonly (readonly [keyof ScoringRules, number, number])[] = [
    ['tasks', 1, MAX_TASKS],
    ['power', 1, 12],
    ['tieZSquaredHundredths', 0, 1600],
    ['tieFloorPermille', 500, 1000],
    ['blendPermille', 1, 1000],
  ];
  for (const [field, least, most] of bounds) {
    if (rules[field] >= least && rules[field] <= most) continue;
    throw new MechanismError(
      { code: 'PARAMS_INVALID', field },
      `${field} is ${rules[field]}. Choose a whole number from ${least} to ${most}.`,
    );
  }
}

/** The marks of one miner: one per task, in task order. */
export interface Marks {
  readonly miner: AccountId;
  readonly scores: readonly Fx[];
}

export interface ShapedScore {
  readonly miner: AccountId;
  /** Mean over the tasks. Rounds down. */
  readonly mean: Fx;
  /** What the epoch is worth compared with the best miner, from 0 to `FX_ONE`. Rounds down. */
  readonly relative: Fx;
}

/** Rounds down. */
function mean(scores: readonly Fx[]): Fx {
  return scores.reduce((sum, score) => sum + score, 0n) / BigInt(scores.length);
}

/**
 * True when the leader's advantage over the same tasks is within chance: (Σd)² ≤ z² Σd² for the differences d
 * per task, which for right-or-wrong marks is McNemar's test. A floor keeps a handful of tasks from
 * making everyone equal.
 */
function isTied(leader: readonly Fx[], other: readonly Fx[], rules: ScoringRules): boolean {
  if (mean(other) * 1000n < mean(leader) * BigInt(rules.tieFloorPermille)) return false;
  let sum = 0n;
  let squares = 0n;
  for (const [index, score] of leader.entries()) {
    const difference = score - (other[index] as Fx);
    sum += difference;
    squares += difference * difference;
  }
  return sum * sum * 100n <= BigInt(rules.tieZSquaredHundredths) * squares;
}

/**
 * Leader-relative power curve with a tie band: (mean / best)^power, and full marks for whoever is statistically
 * level with the best. All miners answer the same tasks, so the comparison is paired and equally good miners
 * are paid alike after one epoch. The order of `marks` does not matter: ties for the lead go to the lowest account.
 *
 * @param marks the same number of scores for every miner, at least one.
 * @returns in account order.
 */
export function shapeScores(marks: readonly Marks[], rules: ScoringRules): ShapedScore[] {
  const sorted = marks
    .map(({ miner, scores }) => ({ miner, scores, mean: mean(scores) }))
    .sort((a, b) => compareBytes(a.miner, b.miner));
  let leader = sorted[0];
  for (const entry of sorted) if (leader === undefined || entry.mean > leader.mean) leader = entry;
  if (leader === undefined || leader.mean === 0n) {
    return sorted.map((entry) => ({ miner: entry.miner, mean: entry.mean, relative: 0n }));
  }
  const best = leader;
  return sorted.map((entry) => {
    if (isTied(best.scores, entry.scores, rules)) {
      return { miner: entry.miner, mean: entry.mean, relative: FX_ONE };
    }
    const ratio = (entry.mean * FX_ONE) / best.mean;
    let relative = ratio;
    for (let times = 1; times < rules.power; times += 1) relative = (relative * ratio) / FX_ONE;
    return { miner: entry.miner, mean: entry.mean, relative };
  });
}

/** Moving average of relative scores: carried + (newest − carried) × blend. A newcomer starts at its first score. */
export function blendScore(carried: Fx | undefined, newest: Fx, rules: ScoringRules): Fx {
  if (carried === undefined) return newest;
  const blend = BigInt(rules.blendPermille);
  return (carried * (1000n - blend) + newest * blend) / 1000n;
}

/** Weights as the ledger takes them. */
export interface Weights {
  /** Ascending. */
  readonly uids: readonly number[];
  /** 16-bit, the largest is 65,535. Shape [uids]. */
  readonly values: readonly number[];
}

const WEIGHT_MAX = 65_535n;

/**
 * 16-bit weights in proportion to the scores. Rounds down. Zeros are listed too: a ledger that wants a number of
 * weights gets them also when nobody earned anything, which is then for the emission rules to burn.
 */
export function scoresToWeights(scores: readonly { readonly uid: number; readonly score: Fx }[]): Weights {
  const top = scores.reduce((most, { score }) => (score > most ? score : most), 0n);
  const rows = scores
    .map(({ uid, score }) => ({ uid, value: top === 0n ? 0 : Number((score * WEIGHT_MAX) / top) }))
    .sort((a, b) => a.uid - b.uid);
  return { uids: rows.map(({ uid }) => uid), values: rows.map(({ value }) => value) };
}
