const WHOLE_BPS = 10_000n;

/**
 * Stakes of validators, none above a percentile of them, so that a whale decides less.
 *
 * The cap is the nearest rank: of the n stakes above zero in ascending order that with number ⌈n · percentile⌉, the
 * higher one where the percentile falls between two; equal stakes have ranks of their own, and who is at the cap keeps
 * all. It is never below their mean, rounded up: neurons with next to no stake could bring it down to nothing, and
 * so decide alone. Rounding favours the larger stakes.
 *
 * @param capBps percentile in basis points; 0 is off, and so is 10,000
 * @see docs/guide/yuma.md#a-cap-on-stake
 */
export function capStakes(stakes: readonly bigint[], capBps: number): bigint[] {
  const ranked = stakes.filter((stake) => stake > 0n).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const count = BigInt(ranked.length);
  if (capBps === 0 || count === 0n) return [...stakes];
  const rank = (count * BigInt(capBps) + WHOLE_BPS - 1n) / WHOLE_BPS;
  const atRank = ranked[Number(rank) - 1]!;
  const mean = (ranked.reduce((sum, stake) => sum + stake, 0n) + count - 1n) / count;
  const cap = atRank > mean ? atRank : mean;
  return stakes.map((stake) => (stake > cap ? cap : stake));
}
