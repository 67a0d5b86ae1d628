import type { TokenLogprob } from '@cairn/protocol';
import { answer } from '../answer.ts';
import type { AnswerSum, HowSealed } from '../answer-sum.ts';
import type { AnswerPart } from '../attempt.ts';
import { type CompletionJob, type CompletionParts, reserveFor } from '../completions.ts';
import { GatewayError } from '../errors.ts';

/** A whole answer. */
export interface Gathered extends HowSealed {
  readonly text: string;
  readonly logprobs: readonly TokenLogprob[];
  readonly receipt: AnswerSum;
  readonly receiptId: string;
  readonly provider: string;
  readonly attempts: number;
  /** Who did how much of it, in order. */
  readonly parts: readonly AnswerPart[];
}

/** What a gateway holds in memory of one answer. */
const MOST_CHARACTERS = 32 * 1024 * 1024;

/**
 * Reserves, asks and settles one answer and waits for all of it.
 *
 * @throws GatewayError as `answer` does; `provider_failed` for one that is too long
 */
export async function gatherAnswer(
  parts: CompletionParts,
  job: Omit<CompletionJob, 'form' | 'headers' | 'startMs'>,
  signal: AbortSignal,
): Promise<Gathered> {
  const reservation = reserveFor(parts, job);
  const texts: string[] = [];
  const logprobs: TokenLogprob[] = [];
  let characters = 0;
  try {
    for await (const event of answer(parts, { ...job, signal, reservation })) {
      if (event.type === 'delta') {
        characters += event.delta.text.length;
        if (characters > MOST_CHARACTERS) {
          throw new GatewayError(
            { code: 'provider_failed' },
            `Provider ${event.provider} sent more than ${MOST_CHARACTERS} characters.`,
          );
        }
        texts.push(event.delta.text);
        if (event.delta.logprobs !== null) logprobs.push(...event.delta.logprobs);
        continue;
      }
      // Half an answer must not be kept or told as a whole one.
      if (event.parts.at(-1)?.finishReason === 'cancelled') {
        throw new GatewayError(
          { code: 'provider_failed' },
          'The answer was cancelled in its middle. What came was paid.',
        );
      }
      return { text: texts.join(''), logprobs, ...event };
    }
  } finally {
    reservation.release();
    if ((reservation.cost ?? 0n) > 0n) job.onSpent?.();
  }
  throw new GatewayError({ code: 'provider_failed' }, 'The answer ended before its receipt.');
}
