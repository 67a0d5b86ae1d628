import type { Receipt, SealSuite } from '@cairn/protocol';
import type { AnswerPart } from './attempt.ts';

/** What an answer came to. Amounts are sums over its parts, as they are paid. */
export type AnswerSum = Pick<
  Receipt,
  'promptTokens' | 'cachedTokens' | 'completionTokens' | 'price' | 'finishReason'
>;

/** @param parts in order; one without receipt at the end was lost behind the last token that was asked for. */
export function sumParts(parts: readonly AnswerPart[]): AnswerSum {
  const sum = (pick: (part: AnswerPart) => number) => parts.reduce((total, part) => total + pick(part), 0);
  const reason = parts.at(-1)?.finishReason ?? 'length';
  return {
    promptTokens: sum((part) => part.promptTokens),
    cachedTokens: sum((part) => part.cachedTokens),
    completionTokens: sum((part) => part.completionTokens),
    price: parts.reduce((total, part) => total + part.price, 0n),
    finishReason: reason === 'stop' ? 'stop' : 'length',
  };
}

/** Who can read an answer and its question. */
export interface HowSealed {
  /** Absent: some of it went in clear. */
  readonly sealed?: SealSuite;
  /** All of it was sealed to keys that hardware vouches for. */
  readonly attested?: true;
}

/** How all of several were sealed, as the weakest of them; nothing when one of them went in clear. */
export function sealedAs(all: readonly HowSealed[]): HowSealed {
  const suites = all.map(({ sealed }) => sealed);
  if (suites.length === 0 || suites.includes(undefined)) return {};
  const weakest = suites.find((suite) => suite !== 'x-wing') ?? 'x-wing';
  const isAttested = all.every(({ attested }) => attested === true);
  return { sealed: weakest, ...(isAttested && { attested: true as const }) };
}
