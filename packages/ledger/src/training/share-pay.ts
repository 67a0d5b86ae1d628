import type { Amount } from '@cairn/core';
import { BPS_WHOLE, MISSED_RAMP_BPS, RESERVE_RAMP_BPS, SPLIT_BPS } from './limits.ts';

/** One validator's scores by place, and what it weighs. */
export interface ScoreRow {
  readonly stake: bigint;
  readonly scores: readonly number[];
}

/** The least score that at least half of the stake gives no more than. 0 without rows. */
export function medianScore(rows: readonly ScoreRow[], place: number): number {
  const given = rows
    .map(({ stake, scores }) => ({ stake, score: scores[place] ?? 0 }))
    .sort((one, other) => one.score - other.score);
  const total = given.reduce((sum, { stake }) => sum + stake, 0n);
  let below = 0n;
  for (const { stake, score } of given) {
    below += stake;
    if (below * 2n >= total) return score;
  }
  return 0;
}

/** How near a row is to the medians, of 10,000: twice what both give, of what they give together. Rounds down. */
export function agreementOf(row: ScoreRow, medians: readonly number[], places: readonly number[]): number {
  let [shared, given] = [0n, 0n];
  for (const place of places) {
    const [own, median] = [row.scores[place] ?? 0, medians[place] ?? 0];
    shared += BigInt(Math.min(own, median));
    given += BigInt(own + median);
  }
  return given === 0n ? Number(BPS_WHOLE) : Number((2n * shared * BPS_WHOLE) / given);
}

/** What is taken of a weight, of 10,000. Rounds down. */
export function rampOf({
  isCounted,
  missed,
}: {
  readonly isCounted: boolean;
  readonly missed: number;
}): bigint {
  const standing = isCounted ? BPS_WHOLE : RESERVE_RAMP_BPS;
  return missed >= 2 ? (standing * MISSED_RAMP_BPS) / BPS_WHOLE : standing;
}

/** Shares of an amount by weight. Each rounds down; what is left, or everything when no weight is, is the caller's. */
export function shareByWeight(amount: Amount, weights: readonly bigint[]): Amount[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  return weights.map((weight) => (total === 0n ? 0n : (amount * weight) / total));
}

/** The parts of a round's reward. Each rounds down. */
export function splitReward(reward: Amount): Readonly<Record<keyof typeof SPLIT_BPS, Amount>> {
  const part = (bps: bigint): Amount => (reward * bps) / BPS_WHOLE;
  return {
    trainers: part(SPLIT_BPS.trainers),
    judges: part(SPLIT_BPS.judges),
    witnesses: part(SPLIT_BPS.witnesses),
    challenges: part(SPLIT_BPS.challenges),
  };
}
