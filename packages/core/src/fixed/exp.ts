import { boundError, divFast, FIXED_HALF, FIXED_ONE, mulSigned } from './i32f32.ts';

const TWO_12 = 4096;
const TWO_24 = 16_777_216;
const TWO_53 = 9_007_199_254_740_992;
/** 2^5 in value, as a product of two raw values. */
const TWO_69 = 65_536 * TWO_53;
/** Inputs are clamped to plus and minus this; e^20 still fits I32F32. */
const EXP_INPUT_LIMIT = 20 * FIXED_ONE;
/** Up to this input every term of the series times a 12-bit limb stays below 2^53. */
const FAST_EXP_LIMIT = 8 * FIXED_ONE;
/** ⌊e · 2^23⌋ · 2^9: substrate-fixed answers exp(1) with a constant of 23 fractional bits. */
const EXP_OF_ONE = 22_802_600 * 512;
const LAST_TERM = 31;

/** 1 + x + x²/2! + … + x³¹/31! for raw 0 < x ≤ 8, each product and each quotient rounded down. */
function expSeriesFast(x: number): number {
  const top = Math.floor(x / TWO_24);
  const rest = x - top * TWO_24;
  const middle = Math.floor(rest / TWO_12);
  const bottom = rest - middle * TWO_12;
  let term = x;
  let sum = FIXED_ONE + x;
  for (let i = 2; i <= LAST_TERM; i += 1) {
    const low = Math.floor((term * bottom) / TWO_12);
    const mid = Math.floor((term * middle + low) / TWO_12);
    term = Math.floor(Math.floor((term * top + mid) / 256) / i);
    if (term === 0) break;
    sum += term;
  }
  return sum;
}

/** The same series for inputs up to 20, where terms outgrow 53 bits. */
function expSeriesWide(x: number): bigint {
  const factor = BigInt(x);
  let term = factor;
  let sum = BigInt(FIXED_ONE) + factor;
  for (let i = 2; i <= LAST_TERM; i += 1) {
    term = ((term * factor) >> 32n) / BigInt(i);
    sum += term;
  }
  return sum;
}

/** e^|x| when it fits 53 bits, else a bigint. */
function expMagnitude(x: number): number | bigint {
  const magnitude = Math.min(Math.abs(x), EXP_INPUT_LIMIT);
  if (magnitude === 0) return FIXED_ONE;
  if (magnitude === FIXED_ONE) return EXP_OF_ONE;
  return magnitude <= FAST_EXP_LIMIT ? expSeriesFast(magnitude) : expSeriesWide(magnitude);
}

/** ⌊2^64 / denominator⌋ raw, that is 1 / denominator. */
function inverse(denominator: number | bigint): number {
  if (typeof denominator === 'number') return divFast(FIXED_ONE, denominator);
  return Number((1n << 64n) / denominator);
}

/**
 * e^x of a signed raw value, clamped to −20 … 20: the truncated series of substrate-fixed with its
 * rounding, so that scores equal those of chains built on it bit by bit.
 *
 * @throws CoreError `FIXED_POINT_BOUND` when the result is not below 2^53, at x of about 14.5.
 * @see https://github.com/encointer/substrate-fixed, transcendental.rs
 */
export function expFixed(x: number): number {
  if (!Number.isSafeInteger(x)) throw boundError('exp', `operand ${x} is not a whole raw value`);
  const magnitude = expMagnitude(x);
  if (x < 0) return inverse(magnitude);
  const result = Number(magnitude);
  if (result >= TWO_53) throw boundError('exp', `e to the power ${x} / 2^32 is not below 2^21`);
  return result;
}

/** 1 / (1 + e^x) of a signed raw value, the exponent clamped as in `expFixed`. */
function logistic(x: number): number {
  const magnitude = expMagnitude(x);
  if (x < 0) return divFast(FIXED_ONE, FIXED_ONE + inverse(magnitude));
  return inverse(typeof magnitude === 'number' ? magnitude + FIXED_ONE : magnitude + BigInt(FIXED_ONE));
}

/**
 * 1 / (1 + e^(−slope · (x − middle))) of raw values. The product is rounded towards minus infinity before
 * the exponential, whose clamp takes the place of products that are out of its reach.
 */
export function sigmoid(x: number, slope: number, middle: number = FIXED_HALF): number {
  const distance = x - middle;
  if (Math.abs(slope * distance) >= TWO_69)
    return logistic(distance < 0 ? EXP_INPUT_LIMIT : -EXP_INPUT_LIMIT);
  return logistic(mulSigned(-slope, distance));
}
