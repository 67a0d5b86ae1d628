/** Fewest answers that a provider's pace is judged by. */
export const MIN_PACED_ANSWERS = 16;

export interface PaceClaims {
  /** Milliseconds for each token that the provider tells; null when it tells nothing. */
  readonly claimedMs: number | null;
  /** Medians of other providers of the same artifact. */
  readonly peersMs: readonly number[];
  /** How many times slower than that counts as slow. @default 3 */
  readonly factor?: number;
}

export interface PaceCheck {
  /** Null: too few answers, or nothing to compare with. */
  readonly isSlow: boolean | null;
  readonly medianMs: number;
  readonly limitMs: number | null;
}

/**
 * Slow-rolling: the median time for each token, as the asking side measured it, against what the provider says of
 * itself, or else the median of its peers. Slow is not proof of anything: it lowers how often a provider is chosen and
 * is never a reason to slash, since a network or a loaded machine looks the same.
 */
export function checkPace(msPerToken: readonly number[], claims: PaceClaims): PaceCheck {
  const medianMs = medianOf(msPerToken);
  const base = claims.claimedMs ?? (claims.peersMs.length === 0 ? null : medianOf(claims.peersMs));
  const limitMs = base === null ? null : base * (claims.factor ?? 3);
  const isKnown = limitMs !== null && msPerToken.length >= MIN_PACED_ANSWERS;
  return { isSlow: isKnown ? medianMs > limitMs : null, medianMs, limitMs };
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return 0;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
