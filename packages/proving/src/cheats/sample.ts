import type { AnswerReview } from '@cairn/protocol';
import type { RawAnswer } from './engine-job.ts';

/** What a provider does for its money. */
export const CONDUCTS = [
  'honest',
  'other quantisation',
  'other quantisation, log probabilities of the right one',
  'weaker model',
  'cut short, says it ended',
  'cut short, says it was full',
  'replayed text',
  'usage inflated by count',
  'usage inflated by short tokens',
  'slow-roll',
] as const;
export type Conduct = (typeof CONDUCTS)[number];

/** One request, who answers it how, and who reviews the answer. */
export interface Sample {
  readonly use: 'calibrate' | 'judge';
  readonly conduct: Conduct;
  /** Places in the list of environments. */
  readonly provider: number;
  readonly reviewer: number;
  readonly question: string;
  readonly temperature: number;
  readonly seed: number;
}

/** What a provider says it did, with what the payer measured. */
export interface Claimed extends RawAnswer {
  readonly completionTokens: number;
  readonly msPerToken: number;
}

export interface Reviewed {
  readonly sample: Sample;
  readonly claimed: Claimed;
  readonly review: AnswerReview;
}

/** Most tokens of an answer. */
export const MAX_TOKENS = 48;
export const TOP_P = 1;
