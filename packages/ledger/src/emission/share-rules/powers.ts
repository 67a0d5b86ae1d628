import { expOfMinus, minusLnOf, ONE_Q96 } from '../../fraction/exponential.ts';
import type { Ratio } from '../../fraction/ratio.ts';

/**
 * Values raised to a power, of the largest: (v / max)^p in Q96, rounded down. Exponents above one favour the
 * large ones. An exponent of one gives the values back, without rounding; values of zero stay zero.
 *
 * @param values at least zero.
 * @param exponent above zero.
 */
export function raiseToPower(values: readonly bigint[], exponent: Ratio): bigint[] {
  if (exponent.numerator === exponent.denominator) return [...values];
  let largest = 0n;
  for (const value of values) if (value > largest) largest = value;
  return values.map((value) => {
    const proportion = value === 0n ? 0n : (value * ONE_Q96) / largest;
    if (proportion === 0n) return 0n;
    return expOfMinus((minusLnOf(proportion) * exponent.numerator) / exponent.denominator);
  });
}
