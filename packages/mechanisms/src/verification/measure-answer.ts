import type { AnswerReview } from '@cairn/protocol';

/** Largest value of a measure: a margin or drift beyond it says no more than this. */
const MOST = 1_000_000_000_000;
const BILLION = 1_000_000_000;
/** Added to each token's chance of being another one, so that tokens without doubt are not divided by zero. */
const LEAST_DOUBT = 1e-6;

/** How far an answer is from what the reviewer's engine gives, in whole numbers. */
export interface AnswerMeasures {
  /** Distance of each emitted token from the reviewer's pick, in billionths of a nat; 0 when it is the pick. */
  readonly marginsNano: readonly bigint[];
  /** Mean |difference of log probability|, in billionths of a nat; 0 when none were told. */
  readonly meanDeltaNano: bigint;
  /**
   * Sum of |difference of log probability| over sum of (1 - probability), in parts per billion; 0 when none were told.
   * A token without doubt moves its log probability by (1 - p) times what its logit moves: divided by it, answers
   * with and without doubt compare.
   */
  readonly driftPpb: bigint;
  /** Distance of the likeliest end from the pick after the last token; null when the answer does not claim to end. */
  readonly endMarginNano: bigint | null;
}

/**
 * @param logprobs those that the provider committed to; null when none were asked for. Shape [tokens].
 * @param claimsEnd whether the model is said to have ended the answer itself.
 * @param checksPicks false when the sampler's seed is unknown, so that no pick can be derived.
 */
export function measureAnswer(
  review: AnswerReview,
  logprobs: readonly number[] | null,
  { claimsEnd, checksPicks }: { readonly claimsEnd: boolean; readonly checksPicks: boolean },
): AnswerMeasures {
  const deltas = review.tokens.map(({ logprob }, index) =>
    Math.abs(logprob - (logprobs?.[index] ?? logprob)),
  );
  const total = deltas.reduce((sum, delta) => sum + delta, 0);
  const doubt = review.tokens.reduce((sum, { logprob }) => sum - Math.expm1(logprob) + LEAST_DOUBT, 0);
  return {
    marginsNano: review.tokens.map(({ margin }) => (checksPicks ? toBillionths(margin) : 0n)),
    meanDeltaNano: toBillionths(total / review.tokens.length),
    driftPpb: toBillionths(total / doubt),
    endMarginNano: claimsEnd && checksPicks ? toBillionths(review.endMargin) : null,
  };
}

/** What is no number counts as the largest distance: a provider gains nothing by telling one. */
function toBillionths(value: number): bigint {
  if (Number.isNaN(value)) return BigInt(MOST);
  return BigInt(Math.min(MOST, Math.max(0, Math.round(value * BILLION))));
}
