import type { Amount } from '@cairn/core';
import type { Receipt, TokenLogprob } from '@cairn/protocol';
import { answer } from '../answer.ts';
import type { CompletionJob, CompletionParts } from '../completions.ts';
import { GatewayError } from '../errors.ts';

/** A whole answer. */
export interface Gathered {
  readonly text: string;
  readonly logprobs: readonly TokenLogprob[];
  readonly receipt: Receipt;
  readonly receiptId: string;
  readonly provider: string;
  readonly attempts: number;
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
  job: Omit<CompletionJob, 'form' | 'headers'> & { readonly most?: Amount },
  signal: AbortSignal,
): Promise<Gathered> {
  const reservation = parts.meter.reserve(job.caller, job.most);
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
      const { receipt, receiptId, provider, attempts } = event;
      return { text: texts.join(''), logprobs, receipt, receiptId, provider, attempts };
    }
  } finally {
    reservation.release();
  }
  throw new GatewayError({ code: 'provider_failed' }, 'The answer ended before its receipt.');
}
