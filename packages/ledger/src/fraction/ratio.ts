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
