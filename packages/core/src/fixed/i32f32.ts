import { CoreError } from '../errors.ts';

/**
 * I32F32: the value v is the integer ⌊v · 2^32⌋ ("raw") held in a double. Integers below 2^53 are exact
 * there, so every function states the bound under which it equals the bigint result.
 */
export const FIXED_ONE = 4_294_967_296;
export const FIXED_HALF = 2_147_483_648;
/** Largest u16, the denominator of a u16 proportion. */
export const U16_MAX = 65_535;

const TWO_16 = 65_536;
const TWO_37 = 137_438_953_472;
const TWO_45 = 35_184_372_088_832;
const TWO_53 = 9_007_199_254_740_992;
const TWO_69 = TWO_53 * TWO_16;

/** Largest raw dividend of the fast division. */
export const FAST_DIVIDEND_LIMIT = TWO_37;
/** Largest raw divisor of the fast division: 2^13 rows of at most one. */
export const FAST_DIVISOR_LIMIT = TWO_45;

export function boundError(operation: string, detail: string): CoreError {
  return new CoreError(
    { code: 'FIXED_POINT_BOUND', operation },
    `${operation} left the range in which fixed-point arithmetic is exact: ${detail}. Rescale the operands or use bigint.`,
  );
}

function requireRaw(value: number, operation: string): void {
  if (!(Number.isSafeInteger(value) && value >= 0)) {
    throw boundError(operation, `operand ${value} is not an integer between 0 and 2^53`);
  }
}

/** ⌊a · b / 2^32⌋ for raw a, b ≥ 0 with a · b < 2^69 and b ≤ 2^37. The caller has checked the bound. */
export function mulFast(a: number, b: number): number {
  const high = Math.floor(a / TWO_16);
  const low = a - high * TWO_16;
  return Math.floor((high * b + Math.floor((low * b) / TWO_16)) / TWO_16);
}

/** As `mulFast`, rounding up. */
export function mulUpFast(a: number, b: number): number {
  const high = Math.floor(a / TWO_16);
  const lowProduct = (a - high * TWO_16) * b;
  const carry = Math.floor(lowProduct / TWO_16);
  const product = high * b + carry;
  const floor = Math.floor(product / TWO_16);
  return carry * TWO_16 === lowProduct && floor * TWO_16 === product ? floor : floor + 1;
}

/** ⌊a · 2^32 / b⌋ for raw 0 ≤ a < 2^37 and 0 < b < 2^45. The caller has checked the bounds. */
export function divFast(a: number, b: number): number {
  if (b < TWO_37) {
    const scaled = a * TWO_16;
    const head = Math.floor(scaled / b);
    return head * TWO_16 + Math.floor(((scaled - head * b) * TWO_16) / b);
  }
  // Four steps of eight bits: a remainder below 2^45 times 2^8 stays exact.
  let rest = a;
  let quotient = Math.floor(rest / b);
  rest -= quotient * b;
  for (let step = 0; step < 4; step += 1) {
    rest *= 256;
    const digit = Math.floor(rest / b);
    rest -= digit * b;
    quotient = quotient * 256 + digit;
  }
  return quotient;
}

/**
 * ⌊a · b / 2^32⌋ of two non-negative raw values, exact while a · b < 2^69 (a product that rounds to the
 * bound is refused too).
 *
 * @throws CoreError `FIXED_POINT_BOUND`
 */
export function mul(a: number, b: number): number {
  requireRaw(a, 'mul');
  requireRaw(b, 'mul');
  if (!(a * b < TWO_69)) throw boundError('mul', `${a} times ${b} is not below 2^69`);
  // The larger operand is split, so that the low part times the other stays below 2^53.
  return a >= b ? mulFast(a, b) : mulFast(b, a);
}

/** As `mul`, rounding up. @throws CoreError `FIXED_POINT_BOUND` */
export function mulUp(a: number, b: number): number {
  requireRaw(a, 'mulUp');
  requireRaw(b, 'mulUp');
  if (!(a * b < TWO_69)) throw boundError('mulUp', `${a} times ${b} is not below 2^69`);
  return mulUpFast(Math.max(a, b), Math.min(a, b));
}

/**
 * a · b / 2^32 of two signed raw values, rounded towards minus infinity (an arithmetic shift, as
 * substrate-fixed does).
 *
 * @throws CoreError `FIXED_POINT_BOUND`
 */
export function mulSigned(a: number, b: number): number {
  if (a === 0 || b === 0) return 0;
  return a < 0 === b < 0 ? mul(Math.abs(a), Math.abs(b)) : -mulUp(Math.abs(a), Math.abs(b));
}

/** As `mul`, with bigint beyond its bound. @throws CoreError `FIXED_POINT_BOUND` when the result is not below 2^53. */
export function mulWide(a: number, b: number): number {
  if (a * b < TWO_69) return mul(a, b);
  requireRaw(a, 'mul');
  requireRaw(b, 'mul');
  return toRaw((BigInt(a) * BigInt(b)) >> 32n, 'mul');
}

/**
 * ⌊a · 2^32 / b⌋ of two non-negative raw values; 0 when b is 0, as everywhere in the incentive rules.
 *
 * @throws CoreError `FIXED_POINT_BOUND` when the quotient is not below 2^53.
 */
export function div(a: number, b: number): number {
  requireRaw(a, 'div');
  requireRaw(b, 'div');
  if (b === 0) return 0;
  if (a < TWO_37 && b < TWO_45) {
    const quotient = divFast(a, b);
    if (!(quotient < TWO_53)) throw boundError('div', `${a} over ${b} is not below 2^53`);
    return quotient;
  }
  return toRaw((BigInt(a) << 32n) / BigInt(b), 'div');
}

/** As `div` for signed raw values, rounded towards zero. @throws CoreError `FIXED_POINT_BOUND` */
export function divSigned(a: number, b: number): number {
  const magnitude = div(Math.abs(a), Math.abs(b));
  return magnitude === 0 || a < 0 === b < 0 ? magnitude : -magnitude;
}

function toRaw(value: bigint, operation: string): number {
  if (value >= 9_007_199_254_740_992n) throw boundError(operation, `the result ${value} is not below 2^53`);
  return Number(value);
}

/** Raw value of a whole number below 2^21. @throws CoreError `FIXED_POINT_BOUND` */
export function fixedFromInteger(value: number): number {
  requireRaw(value, 'fixedFromInteger');
  if (value >= 2_097_152) throw boundError('fixedFromInteger', `${value} is not below 2^21`);
  return value * FIXED_ONE;
}

/** Raw value of ⌊numerator / denominator⌋ in 32 fractional bits. @throws CoreError `FIXED_POINT_BOUND` */
export function fixedFromRatio(numerator: bigint, denominator: bigint): number {
  if (numerator < 0n || denominator < 0n) {
    throw boundError('fixedFromRatio', `${numerator} over ${denominator} is negative`);
  }
  return denominator === 0n ? 0 : toRaw((numerator << 32n) / denominator, 'fixedFromRatio');
}

/** Raw value of value / 65,535. The value is a u16. */
export function u16ToFixed(value: number): number {
  return Math.floor((value * FIXED_ONE) / U16_MAX);
}

/** ⌊raw · 65,535⌋ as a u16; proportions above one become 65,535. */
export function fixedToU16(raw: number): number {
  return raw >= FIXED_ONE ? U16_MAX : Math.floor((raw * U16_MAX) / FIXED_ONE);
}

/** ⌊amount · raw / 2^32⌋: what a proportion takes of an amount. The rest stays with whoever holds the amount. */
export function fixedShareOf(amount: bigint, raw: number): bigint {
  return (amount * BigInt(raw)) >> 32n;
}
