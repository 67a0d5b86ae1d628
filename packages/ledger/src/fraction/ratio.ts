/** An exact proportion or factor: numerator / denominator, the denominator above zero. */
export interface Ratio {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** ⌊amount · ratio⌋ of an amount of at least zero: what the ratio takes; the rest stays where it was. */
export function takeRatio(amount: bigint, { numerator, denominator }: Ratio): bigint {
  return (amount * numerator) / denominator;
}

/**
 * from + (to − from) · ratio, the step rounded towards zero, so that a ratio of at most one never passes
 * `to`. Any sign, any scale that both share.
 */
export function moveTowards(from: bigint, to: bigint, ratio: Ratio): bigint {
  return from + takeRatio(to - from, ratio);
}

/** Compares two ratios exactly: negative, zero or positive as the first is less, equal or greater. */
export function compareRatios(a: Ratio, b: Ratio): -1 | 0 | 1 {
  const left = a.numerator * b.denominator;
  const right = b.numerator * a.denominator;
  return left === right ? 0 : left < right ? -1 : 1;
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [greater, smaller] = [a, b];
  while (smaller !== 0n) [greater, smaller] = [smaller, greater % smaller];
  return greater;
}

/** The same ratio with the smallest numbers. */
export function lowestTerms({ numerator, denominator }: Ratio): Ratio {
  const common = greatestCommonDivisor(numerator, denominator);
  return { numerator: numerator / common, denominator: denominator / common };
}
