import { LedgerError } from '../../errors.ts';
import { lowestTerms, type Ratio } from '../../fraction/ratio.ts';

/** Fraction bits of the numbers inside this file. */
const FRACTION_BITS = 128n;
const ONE = 1n << FRACTION_BITS;
/** ⌊ln 2 · 2^128⌋. */
const LN_TWO = 235865763225513294137944142764154484399n;
/** Beyond this quotient of a ratio the mantissa is halved, so that it stays between 1/√2 and √2. ⌊√2 · 2^128⌋. */
const SQRT_TWO = 481231938336009023090067544955250113854n;
/** Exponents are at most this, so that the error of the logarithm stays far below the margin. */
const MAX_EXPONENT = 128n;
/** r is divided by 2^8 before its series and the result squared eight times. */
const HALVINGS = 8n;
/** Relative margin of the bounds: 2^-104. */
const MARGIN_BITS = 104n;
/** Whole powers and roots up to this degree are compared exactly when the bounds disagree, */
const MAX_EXACT_DEGREE = 64n;
/** and only among so many candidates. */
const MAX_EXACT_CANDIDATES = 4n;

/** Two Q128 numbers that a real number lies between, both included. */
export interface PowerBounds {
  readonly low: bigint;
  readonly high: bigint;
}

/** One in the unit of `PowerBounds`. */
export const POWER_ONE = ONE;

function bitLength(value: bigint): bigint {
  const digits = value.toString(16);
  const first = Number.parseInt(digits[0] as string, 16);
  return BigInt(digits.length * 4 - (first >= 8 ? 0 : first >= 4 ? 1 : first >= 2 ? 2 : 3));
}

/** Quotient rounded towards minus infinity, for a positive divisor. */
function floorDiv(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend < 0n && quotient * divisor !== dividend ? quotient - 1n : quotient;
}

/**
 * ln(numerator / denominator) in Q128, within 2^-119 of the truth for operands below 2^192: the ratio is
 * scaled by a power of two to m between 1/√2 and √2, and ln m = 2·artanh((m − 1) / (m + 1)) is summed until
 * a term vanishes, after at most 26 terms. Each of their roundings costs one unit, each bit of scale another.
 */
function naturalLog(numerator: bigint, denominator: bigint): bigint {
  let scale = bitLength(numerator) - bitLength(denominator);
  let mantissa =
    scale >= 0n
      ? (numerator << FRACTION_BITS) / (denominator << scale)
      : (numerator << (FRACTION_BITS - scale)) / denominator;
  if (mantissa > SQRT_TWO) {
    mantissa >>= 1n;
    scale += 1n;
  } else if (mantissa < SQRT_TWO >> 1n) {
    mantissa <<= 1n;
    scale -= 1n;
  }
  const z = ((mantissa - ONE) << FRACTION_BITS) / (mantissa + ONE);
  const square = (z * z) >> FRACTION_BITS;
  let power = z;
  let sum = z;
  for (let divisor = 3n; power !== 0n && power !== -1n; divisor += 2n) {
    power = (power * square) >> FRACTION_BITS;
    sum += power / divisor;
  }
  return 2n * sum + scale * LN_TWO;
}

/** e^x of a Q128 number in Q128. The series of the reduced argument ends after at most 14 terms. */
function exponential(x: bigint): bigint {
  const twos = floorDiv(x, LN_TWO);
  if (twos < -FRACTION_BITS - 1n) return 0n;
  const reduced = (x - twos * LN_TWO) >> HALVINGS;
  let term = reduced;
  let result = ONE + reduced;
  for (let divisor = 2n; term !== 0n; divisor += 1n) {
    term = ((term * reduced) >> FRACTION_BITS) / divisor;
    result += term;
  }
  for (let squaring = 0n; squaring < HALVINGS; squaring += 1n) result = (result * result) >> FRACTION_BITS;
  return twos >= 0n ? result << twos : result >> -twos;
}

function assertOperands(base: Ratio, exponent: Ratio): void {
  const isSound =
    base.numerator >= 0n &&
    base.denominator > 0n &&
    exponent.numerator >= 0n &&
    exponent.denominator > 0n &&
    exponent.numerator <= exponent.denominator * MAX_EXPONENT;
  if (isSound) return;
  const invariant = `a power has a base of at least zero and an exponent from 0 to ${MAX_EXPONENT}`;
  throw new LedgerError(
    { code: 'INVARIANT_BROKEN', invariant },
    `(${base.numerator}/${base.denominator})^(${exponent.numerator}/${exponent.denominator}) was asked for, but ${invariant}. Check reserves and weights before asking.`,
  );
}

/**
 * base^exponent between two Q128 numbers.
 *
 * The logarithm is off by at most 2^-119, which an exponent of at most 128 makes 2^-112; the exponential adds
 * less than 2^-114. The bounds are 2^-104 of the value apart from it on each side and one unit more, so who
 * rounds with the bound against the trader is never wrong in the trader's favour.
 *
 * Cost: about 5 µs.
 *
 * @throws LedgerError `INVARIANT_BROKEN`
 */
export function powerBounds(base: Ratio, exponent: Ratio): PowerBounds {
  assertOperands(base, exponent);
  if (exponent.numerator === 0n || base.numerator === base.denominator) return { low: ONE, high: ONE };
  if (base.numerator === 0n) return { low: 0n, high: 0n };
  const log = naturalLog(base.numerator, base.denominator);
  const value = exponential(floorDiv(log * exponent.numerator, exponent.denominator));
  const margin = (value >> MARGIN_BITS) + 2n;
  return { low: value > margin ? value - margin : 0n, high: value + margin };
}

function wholePower(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let left = exponent; left > 0n; left -= 1n) result *= base;
  return result;
}

/**
 * ⌊scale · base^exponent⌋. Where the bounds of the power leave more than one candidate and the exponent is a
 * simple fraction, the power itself is compared in whole numbers; otherwise the lowest is taken, which lies
 * below the truth by at most 2^-102 of it.
 *
 * @example scaledPower({ numerator: 3n, denominator: 4n }, { numerator: 3n, denominator: 2n }, 1_000n) // 649n
 * @throws LedgerError `INVARIANT_BROKEN`
 * @see https://crates.io/crates/safe-bigmath, `pow_ratio_scaled`, which the vectors' `pow_ratio` is taken from
 */
export function scaledPower(base: Ratio, exponent: Ratio, scale: bigint): bigint {
  if (exponent.numerator === exponent.denominator) {
    assertOperands(base, exponent);
    return (scale * base.numerator) / base.denominator;
  }
  const { low, high } = powerBounds(base, exponent);
  const least = (scale * low) >> FRACTION_BITS;
  const most = (scale * high) >> FRACTION_BITS;
  if (least === most) return least;
  const { numerator: degree, denominator: root } = lowestTerms(exponent);
  if (degree > MAX_EXACT_DEGREE || root > MAX_EXACT_DEGREE) return least;
  if (most - least > MAX_EXACT_CANDIDATES) return least;
  const isAtMost = (candidate: bigint): boolean =>
    wholePower(candidate, root) * wholePower(base.denominator, degree) <=
    wholePower(scale, root) * wholePower(base.numerator, degree);
  let result = most;
  while (result > least && !isAtMost(result)) result -= 1n;
  return result;
}
