/**
 * Exponential, logarithm and circular functions whose bits are the same in every JavaScript engine: the language
 * leaves those of `Math` to the engine, and only + − × ÷ and `Math.sqrt` are exact. Within 2 units in the last place
 * of doubles over the stated ranges.
 */

// ln 2 and π/2 in parts whose upper ones have so few bits that a product with a small whole number is exact.
// Source: fdlibm (Sun Microsystems, 1993), e_exp.c and e_rem_pio2.c.
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const HALF_PI_1 = 1.5707963267341256;
const HALF_PI_2 = 6.077100506303966e-11;
const HALF_PI_3 = 2.0222662487111665e-21;
const TWO_OVER_PI = 0.6366197723675814;

/** e to the power of `x`, for |x| ≤ 700. */
export function portableExp(x: number): number {
  const power = Math.round(x / (LN2_HIGH + LN2_LOW));
  const rest = x - power * LN2_HIGH - power * LN2_LOW;
  // Taylor, by Horner; |rest| ≤ ln 2 / 2, where the fifteenth term is below 2⁻⁶⁰.
  let sum = 1;
  for (let n = 14; n >= 1; n -= 1) sum = 1 + (sum * rest) / n;
  return scaleByPowerOfTwo(sum, power);
}

/** The natural logarithm of `x`, for 1e-300 ≤ x ≤ 1e300. */
export function portableLog(x: number): number {
  let mantissa = x;
  let power = 0;
  // Halving and doubling are exact.
  while (mantissa > 1.5) {
    mantissa /= 2;
    power += 1;
  }
  while (mantissa < 0.75) {
    mantissa *= 2;
    power -= 1;
  }
  // ln m = 2 artanh((m − 1) / (m + 1)), whose argument is at most 1/5.
  const ratio = (mantissa - 1) / (mantissa + 1);
  const square = ratio * ratio;
  let sum = 0;
  for (let n = 27; n >= 1; n -= 2) sum = 1 / n + sum * square;
  return power * LN2_HIGH + (power * LN2_LOW + 2 * ratio * sum);
}

/** The sine of `x` radians, for |x| ≤ 1,000,000. */
export function portableSine(x: number): number {
  const { rest, quarter } = reduce(x);
  return [sine(rest), cosine(rest), -sine(rest), -cosine(rest)][quarter]!;
}

/** The cosine of `x` radians, for |x| ≤ 1,000,000. */
export function portableCosine(x: number): number {
  const { rest, quarter } = reduce(x);
  return [cosine(rest), -sine(rest), -cosine(rest), sine(rest)][quarter]!;
}

/** `base` to the power of a whole number that is not negative, by squaring. */
export function portablePower(base: number, exponent: number): number {
  let result = 1;
  let square = base;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}

function scaleByPowerOfTwo(value: number, power: number): number {
  return power < 0 ? value / portablePower(2, -power) : value * portablePower(2, power);
}

/** x = quarters · π/2 + rest, with |rest| ≤ π/4. */
function reduce(x: number): { rest: number; quarter: number } {
  const quarters = Math.round(x * TWO_OVER_PI);
  const rest = x - quarters * HALF_PI_1 - quarters * HALF_PI_2 - quarters * HALF_PI_3;
  return { rest, quarter: ((quarters % 4) + 4) % 4 };
}

function sine(x: number): number {
  const square = x * x;
  let sum = 1;
  for (let n = 18; n >= 2; n -= 2) sum = 1 - (sum * square) / (n * (n + 1));
  return x * sum;
}

function cosine(x: number): number {
  const square = x * x;
  let sum = 1;
  for (let n = 19; n >= 1; n -= 2) sum = 1 - (sum * square) / (n * (n + 1));
  return sum;
}
