const PPM = 1_000_000n;

const ascending = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

export const sortAscending = (values: readonly bigint[]): bigint[] => [...values].sort(ascending);

/**
 * One-sided two-sample Kolmogorov-Smirnov statistic: the most by which the empirical distribution function of `base`
 * lies above that of `sample`, so by how much `sample` is shifted towards larger values. 0 when it is not.
 *
 * D+ = max over x of (F_base(x) - F_sample(x)); Smirnov, "Table for estimating the goodness of fit of empirical
 * distributions", Annals of Mathematical Statistics 19 (1948).
 *
 * @param base ascending. @param sample ascending.
 * @returns parts per million, rounded down: a doubt is in favour of who is tested
 */
export function shiftUp(base: readonly bigint[], sample: readonly bigint[]): number {
  if (base.length === 0 || sample.length === 0) return 0;
  const [n, m] = [BigInt(base.length), BigInt(sample.length)];
  let [i, j, most] = [0, 0, 0n];
  while (i < base.length) {
    const x = base[i]!;
    while (i < base.length && base[i]! <= x) i += 1;
    while (j < sample.length && sample[j]! <= x) j += 1;
    const gap = BigInt(i) * m - BigInt(j) * n;
    if (gap > most) most = gap;
  }
  return Number((most * PPM) / (n * m));
}

/**
 * Whether a shift is beyond chance: D+ > allowed + sqrt(-ln(alpha) / 2 * (n + m) / (n m)).
 *
 * The bound is the asymptotic tail exp(-2 D^2 nm/(n+m)) of the one-sided statistic, here with alpha = 10^-6, so
 * -ln(alpha)/2 = 6.907755. It is compared in squares of whole numbers.
 *
 * @param allowedPpm shift that honest environments show among each other.
 */
export function isShiftSignificant(shiftPpm: number, allowedPpm: number, n: number, m: number): boolean {
  const beyond = BigInt(shiftPpm - allowedPpm);
  if (beyond <= 0n || n === 0 || m === 0) return false;
  const [a, b] = [BigInt(n), BigInt(m)];
  return beyond * beyond * a * b > 6_907_755n * PPM * (a + b);
}
