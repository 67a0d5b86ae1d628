/** A share with the bounds between which it lies with 95 % confidence. */
export interface Score {
  /** From 0 to 1. */
  readonly share: number;
  readonly low: number;
  readonly high: number;
  /** Trials behind it; of several validators as many as would tell as much. */
  readonly trials: number;
}

/** Standard normal quantile of a two-sided interval of 95 %. */
const Z = 1.959964;

/**
 * Wilson score interval: `(p + z²/2n ± z·√(p(1 − p)/n + z²/4n²)) / (1 + z²/n)`. Unlike `p ± z·√(p(1 − p)/n)` it is
 * not empty for a model that got everything right, and few trials cannot come out ahead.
 *
 * @param share from 0 to 1. @param trials above zero, not necessarily whole.
 * @see docs/guide/models.md#leaderboards
 */
export function wilsonScore(share: number, trials: number): Score {
  const spread = (Z * Z) / trials;
  const centre = (share + spread / 2) / (1 + spread);
  const half = (Z * Math.sqrt((share * (1 - share)) / trials + spread / (4 * trials))) / (1 + spread);
  return { share, low: Math.max(0, centre - half), high: Math.min(1, centre + half), trials };
}

/** What one validator measured, and how much its word weighs. */
export interface Measured {
  readonly right: number;
  readonly trials: number;
  /** Its stake, in any unit. */
  readonly weight: number;
}

/**
 * What several validators found, by stake: `p = Σ wᵢ·pᵢ` with weights that sum to one, from as many trials as would
 * have the same variance, `n = 1 / Σ (wᵢ²/nᵢ)`. Without any stake all weigh the same.
 *
 * @returns null when nobody measured.
 */
export function combineScores(measured: readonly Measured[]): Score | null {
  const counted = measured.filter(({ trials }) => trials > 0);
  const staked = counted.reduce((sum, { weight }) => sum + weight, 0);
  const weighed = counted
    .map(({ right, trials, weight }) => ({
      share: right / trials,
      trials,
      weight: staked === 0 ? 1 / counted.length : weight / staked,
    }))
    .filter(({ weight }) => weight > 0);
  if (weighed.length === 0) return null;
  const share = weighed.reduce((sum, each) => sum + each.weight * each.share, 0);
  const variance = weighed.reduce((sum, each) => sum + (each.weight * each.weight) / each.trials, 0);
  return wilsonScore(Math.min(1, Math.max(0, share)), 1 / variance);
}
