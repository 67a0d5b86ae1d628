import type { AnswerReview, ReviewRequest, TokenReview } from '@cairn/protocol';
import type { ControlledEvaluateInputItem, LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp';
import { EngineError } from '../errors.ts';
import { compareDraw, SAMPLED_CANDIDATES } from '../sampling.ts';

export interface ReviewParts {
  readonly model: LlamaModel;
  readonly sequence: LlamaContextSequence;
  readonly promptTokens: readonly Token[];
  readonly answerTokens: readonly Token[];
}

/**
 * One prefill pass over question and answer: what would have been emitted at each place, and after the last token.
 *
 * Cost: one evaluation of all tokens, and at most `SAMPLED_CANDIDATES` logits for each token of the answer.
 */
export async function reviewAnswer(
  { model, sequence, promptTokens, answerTokens }: ReviewParts,
  request: ReviewRequest,
): Promise<AnswerReview> {
  const ends = [model.tokens.eos, model.tokens.eot].filter((token) => token !== null);
  const ask = (token: Token, wanted: readonly Token[]): ControlledEvaluateInputItem => [
    token,
    {
      generateNext: {
        logits: {
          filter: { tokens: [...wanted], includeTop: request.temperature === 0 ? 1 : SAMPLED_CANDIDATES },
        },
        totalLogitWeight: true,
        options: { temperature: 0 },
      },
    },
  ];
  await sequence.clearHistory();
  const results = await sequence.controlledEvaluate([
    ...promptTokens.slice(0, -1),
    ask(promptTokens.at(-1)!, [answerTokens[0]!]),
    ...answerTokens.map((token, index) =>
      ask(token, index + 1 < answerTokens.length ? [answerTokens[index + 1]!] : ends),
    ),
  ]);
  await sequence.clearHistory();
  const places = results.slice(promptTokens.length - 1).map((result, index) => {
    const { logits, totalLogitWeight } = result?.next ?? {};
    if (logits === undefined || totalLogitWeight === undefined) throw noLogits();
    return { logits, weight: totalLogitWeight, position: promptTokens.length + index };
  });
  const tokens = answerTokens.map((token, index): TokenReview => {
    const { logits, weight, position } = places[index]!;
    const most = Math.max(...logits.values());
    const logprob = Math.min(0, (logits.get(token) ?? Number.NEGATIVE_INFINITY) - most - Math.log(weight));
    return { logprob, ...compare(request, logits, token, position) };
  });
  const last = places[answerTokens.length]!;
  const endMargin = Math.min(...ends.map((end) => compare(request, last.logits, end, last.position).margin));
  return { tokens, endMargin, text: model.detokenize([...answerTokens], false, [...promptTokens]) };
}

function compare(
  { temperature, topP, seed }: ReviewRequest,
  logits: ReadonlyMap<Token, number>,
  token: Token,
  position: number,
): Pick<TokenReview, 'pick' | 'margin'> {
  if (temperature > 0) return compareDraw(logits, token, { temperature, topP, seed, position });
  const [pick, most] = [...logits].reduce((best, entry) => (entry[1] > best[1] ? entry : best));
  return { pick, margin: most - (logits.get(token) ?? Number.NEGATIVE_INFINITY) };
}

function noLogits(): EngineError {
  return new EngineError(
    { code: 'GENERATION_FAILED', reason: 'llama.cpp gave no logits' },
    'llama.cpp gave no logits for an answer under review. The model file may be damaged; run its self-test.',
  );
}
