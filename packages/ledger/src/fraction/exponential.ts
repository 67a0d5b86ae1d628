/** One, in the 96 fractional bits of this file's arguments and results. */
export const ONE_Q96: bigint = 1n << 96n;

/** Bits that are worked with: 32 more than are given out, so that the rounding of each step is far below them. */
const WORK_BITS = 128n;
const ONE_WORK = 1n << WORK_BITS;
const GUARD_BITS = 32n;
/** ⌊ln 2 · 2^128⌋ */
const LN_2_WORK = 235_865_763_225_513_294_137_944_142_764_154_484_399n;

/**
 * e^−x of x ≥ 0 in Q96, rounded down; at most one, and never rising with x. The error is below 2^−94.
 *
 * Source: e^−x = 2^−k · Σ (−r)^n / n! with x = k · ln 2 + r.
 */
export function expOfMinus(x: bigint): bigint {
  const scaled = x << GUARD_BITS;
  const halvings = scaled / LN_2_WORK;
  if (halvings > 96n) return 0n;
  const rest = scaled - halvings * LN_2_WORK;
  let sum = ONE_WORK;
  let term = ONE_WORK;
  for (let n = 1n; term > 0n; n += 1n) {
    term = ((term * rest) >> WORK_BITS) / n;
    sum += n % 2n === 0n ? term : -term;
  }
  return sum >> (GUARD_BITS + halvings);
}

/**
 * −ln x of 0 < x ≤ 1 in Q96, with an error below 2^−90.
 *
 * Source: ln m = 2 · Σ z^(2n+1) / (2n + 1) with z = (m − 1) / (m + 1), for x = m · 2^−k and 1 ≤ m < 2.
 */
export function minusLnOf(x: bigint): bigint {
  let mantissa = x << GUARD_BITS;
  let halvings = 0n;
  while (mantissa < ONE_WORK) {
    mantissa <<= 1n;
    halvings += 1n;
  }
  const z = ((mantissa - ONE_WORK) << WORK_BITS) / (mantissa + ONE_WORK);
  const square = (z * z) >> WORK_BITS;
  let power = z;
  let sum = 0n;
  for (let n = 1n; power > 0n; n += 2n) {
    sum += power / n;
    power = (power * square) >> WORK_BITS;
  }
  return (halvings * LN_2_WORK - 2n * sum) >> GUARD_BITS;
}
