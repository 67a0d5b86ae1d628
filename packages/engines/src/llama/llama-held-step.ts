import type { LlamaGrammarEvaluationState, Token } from 'node-llama-cpp';
import { EngineError } from '../errors.ts';
import type { GenerationJob, Step } from './llama-generation.ts';

/**
 * One token that the grammar allows. Where it is drawn, llama.cpp draws it, with a seed of its own for each
 * position. Log probabilities are those among what is allowed.
 */
export async function evaluateHeld(
  { model, sequence, request, seed }: GenerationJob,
  grammarEvaluationState: LlamaGrammarEvaluationState,
  input: readonly Token[],
  position: number,
): Promise<Step> {
  const { temperature, topP, topLogprobs } = request;
  const events = sequence.evaluateWithMetadata(
    [...input],
    { probabilities: topLogprobs > 0 },
    {
      temperature,
      topP,
      topK: 0,
      ...(seed === null ? {} : { seed: (seed + position) >>> 0 }),
      grammarEvaluationState,
      yieldEogToken: true,
    },
  );
  const first = await events.next();
  await events.return?.();
  if (first.done === true) {
    throw new EngineError(
      { code: 'GENERATION_FAILED', reason: 'no token fits the wanted form' },
      'llama.cpp found no token that fits the wanted form. Simplify the schema.',
    );
  }
  const { token, probabilities } = first.value as { token: Token; probabilities?: Map<Token, number> };
  if (topLogprobs === 0 || probabilities === undefined) return { token, logprob: null };
  const entry = (id: Token, probability: number) => ({
    tokenId: id as number,
    text: model.detokenize([id], true),
    logprob: Math.min(0, Math.log(probability)),
  });
  const top = [...probabilities].slice(0, topLogprobs).map(([id, probability]) => entry(id, probability));
  return { token, logprob: { ...entry(token, probabilities.get(token) ?? 0), top } };
}
