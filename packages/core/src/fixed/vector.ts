import { boundError, divSigned, FIXED_ONE, mul, U16_MAX } from './i32f32.ts';

const TWO_53 = 9_007_199_254_740_992;
const I32F32_MAX = (1n << 63n) - 1n;

/** Sum of signed raw values. @throws CoreError `FIXED_POINT_BOUND` when it leaves 53 bits. */
export function sumFixed(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) {
    sum += values[i]!;
    if (sum >= TWO_53 || sum <= -TWO_53) throw boundError('sum', `partial sum ${sum} does not fit 53 bits`);
  }
  return sum;
}

/**
 * Values divided by a given sum, quotients rounded towards zero; a sum of zero leaves them as they are.
 *
 * @throws CoreError `FIXED_POINT_BOUND`
 */
export function normalizeBy(values: Float64Array, sum: number): Float64Array {
  const result = values.slice();
  if (sum === 0) return result;
  for (let i = 0; i < result.length; i += 1) {
    const value = result[i]!;
    if (value !== 0) result[i] = divSigned(value, sum);
  }
  return result;
}

/** Values divided by their sum. @throws CoreError `FIXED_POINT_BOUND` */
export function normalize(values: Float64Array): Float64Array {
  return normalizeBy(values, sumFixed(values));
}

/** Products of two vectors, element by element. @throws CoreError `FIXED_POINT_BOUND` */
export function mulVectors(a: Float64Array, b: Float64Array): Float64Array {
  const result = new Float64Array(a.length);
  for (let i = 0; i < a.length; i += 1) result[i] = mul(a[i]!, b[i]!);
  return result;
}

/**
 * Raw proportions of integer amounts: ⌊amount · 2^32 / sum⌋; all zero when the sum is zero.
 *
 * @throws CoreError `FIXED_POINT_BOUND` when an amount is negative.
 */
export function proportionsOf(amounts: ArrayLike<bigint>): Float64Array {
  const result = new Float64Array(amounts.length);
  let sum = 0n;
  for (let i = 0; i < amounts.length; i += 1) {
    const amount = amounts[i]!;
    if (amount < 0n) throw boundError('proportionsOf', `amount ${amount} is negative`);
    sum += amount;
  }
  if (sum === 0n) return result;
  for (let i = 0; i < amounts.length; i += 1) result[i] = Number((amounts[i]! << 32n) / sum);
  return result;
}

/**
 * Scales non-negative raw I32F32 values (bigint, below 2^63) so that the largest becomes 65,535, rounding
 * halves up; products saturate at the largest I32F32, as in the reference chain.
 */
export function maxUpscaleToU16(values: readonly bigint[]): Uint16Array {
  const result = new Uint16Array(values.length);
  let max = 0n;
  for (const value of values) if (value > max) max = value;
  if (max === 0n) return result;
  const u16Max = BigInt(U16_MAX) << 32n;
  const saturate = (value: bigint): bigint => (value > I32F32_MAX ? I32F32_MAX : value);
  const isLarge = max > 32_768n << 32n;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]!;
    const scaled = isLarge
      ? saturate((value * ((u16Max << 32n) / max)) >> 32n)
      : saturate((saturate((value * u16Max) >> 32n) << 32n) / max);
    const rounded = (scaled + (1n << 31n)) >> 32n;
    result[i] = rounded > BigInt(U16_MAX) ? U16_MAX : Number(rounded);
  }
  return result;
}

/** Weights as submitted (whole numbers) scaled so that the largest becomes 65,535. */
export function maxUpscaleWeights(values: ArrayLike<number>): Uint16Array {
  return maxUpscaleToU16(Array.from(values, (value) => BigInt(value) << 32n));
}

/** One minus a raw proportion. */
export function complement(proportion: number): number {
  if (!(proportion >= 0 && proportion <= FIXED_ONE)) {
    throw boundError('complement', `${proportion} is not a proportion`);
  }
  return FIXED_ONE - proportion;
}
