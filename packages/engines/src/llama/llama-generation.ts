import type { GenerateEvent, GenerateRequest, TokenLogprob } from '@cairn/protocol';
import type { ControlledEvaluateInputItem, LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp';
import { EngineError } from '../errors.ts';
import { SAMPLED_CANDIDATES, sampleToken } from '../sampling.ts';
import { createTokenAssembler } from '../token-assembler.ts';
import type { Constraint } from './llama-constraint.ts';
import { evaluateHeld } from './llama-held-step.ts';

export interface GenerationJob {
  readonly model: LlamaModel;
  readonly sequence: LlamaContextSequence;
  /** Prompt and prefill. */
  readonly promptTokens: readonly Token[];
  /** How many of them are tokens of the answer. */
  readonly prefillTokens: number;
  readonly request: GenerateRequest;
  /** Seed in use; null for greedy answers of requests that name none. */
  readonly seed: number | null;
  readonly contextTokens: number;
  readonly batchTokens: number;
  /** What the answer is held to; null: nothing. */
  readonly constraint: Constraint | null;
}

export interface Step {
  readonly token: Token;
  readonly logprob: TokenLogprob | null;
}

/**
 * Evaluates the prompt and emits tokens until the model ends, a stop text is met, the bound is reached or the
 * request is cancelled. Log probabilities are those of the model itself, before temperature and nucleus.
 */
export async function* generateOnSequence(job: GenerationJob): AsyncGenerator<GenerateEvent, void> {
  const { model, sequence, promptTokens, request, contextTokens } = job;
  const { signal } = request;
  await sequence.clearHistory();
  const assembler = createTokenAssembler(
    (tokens, before) => model.detokenize(tokens as Token[], false, before as Token[]),
    request.stop,
    request.prefill,
  );
  const budget = Math.min(request.maxTokens, contextTokens - promptTokens.length);
  let finishReason: 'stop' | 'length' | 'cancelled' = 'length';
  let input = await prefill(job);
  for (let emitted = 0; emitted < budget; emitted += 1) {
    if (signal?.aborted === true) {
      finishReason = 'cancelled';
      break;
    }
    const step = await evaluateStep(job, input, promptTokens.length + emitted);
    if (model.isEogToken(step.token)) {
      finishReason = 'stop';
      break;
    }
    const { delta, stopped } = assembler.push(step.token, step.logprob);
    if (delta !== null) {
      job.constraint?.saw(delta.text);
      yield { type: 'delta', ...delta };
    }
    if (stopped) {
      finishReason = 'stop';
      break;
    }
    input = [step.token];
  }
  const rest = assembler.flush();
  if (rest.delta !== null) yield { type: 'delta', ...rest.delta };
  yield {
    type: 'end',
    finishReason: rest.stopped ? 'stop' : finishReason,
    promptTokens: promptTokens.length,
    cachedTokens: 0,
    completionTokens: assembler.shownTokens,
    seed: job.seed,
  };
}

/**
 * Evaluates all of the prompt but its last batch, looking for cancellation in between. Tokens of the answer are
 * evaluated one by one, as they were when they were generated: in batches the sums round differently, and the
 * answer could go on otherwise than it would have.
 */
async function prefill(job: GenerationJob): Promise<Token[]> {
  const { sequence, promptTokens, prefillTokens, batchTokens, request } = job;
  const isCancelled = () => request.signal?.aborted === true;
  const answerStart = promptTokens.length - prefillTokens;
  let rest = promptTokens.slice(0, answerStart);
  while (rest.length > batchTokens && !isCancelled()) {
    await sequence.controlledEvaluate(rest.slice(0, batchTokens));
    rest = rest.slice(batchTokens);
  }
  for (let at = answerStart; at < promptTokens.length && !isCancelled(); at += 1) {
    await sequence.controlledEvaluate(rest);
    rest = [promptTokens[at]!];
  }
  return rest;
}

async function evaluateStep(job: GenerationJob, input: readonly Token[], position: number): Promise<Step> {
  const { request } = job;
  const state = job.constraint?.state() ?? null;
  if (state !== null) return evaluateHeld(job, state, input, position);
  const isGreedy = request.temperature === 0;
  const wanted = isGreedy ? request.topLogprobs : Math.max(SAMPLED_CANDIDATES, request.topLogprobs);
  const ask: ControlledEvaluateInputItem = [
    input.at(-1)!,
    {
      generateNext:
        wanted === 0
          ? { token: true, options: { temperature: 0 } }
          : {
              token: true,
              logits: { filter: { tokens: [], includeTop: wanted, includeSelected: true } },
              totalLogitWeight: true,
              options: { temperature: 0 },
            },
    },
  ];
  const results = await job.sequence.controlledEvaluate([...input.slice(0, -1), ask]);
  const next = results.at(-1)?.next;
  if (next?.token === undefined || next.token === null) {
    throw new EngineError(
      { code: 'GENERATION_FAILED', reason: 'llama.cpp gave no next token' },
      'llama.cpp gave no next token. The model file may be damaged; run its self-test.',
    );
  }
  const logits = next.logits ?? new Map<Token, number>();
  const token =
    isGreedy || job.seed === null
      ? next.token
      : (sampleToken(logits, {
          temperature: request.temperature,
          topP: request.topP,
          seed: job.seed,
          position,
        }) as Token);
  return {
    token,
    logprob: request.topLogprobs === 0 ? null : describe(job, token, logits, next.totalLogitWeight!),
  };
}

function describe(
  job: GenerationJob,
  token: Token,
  logits: ReadonlyMap<Token, number>,
  weight: number,
): TokenLogprob {
  const likeliest = [...logits].slice(0, job.request.topLogprobs);
  const normaliser = (likeliest[0]?.[1] ?? 0) + Math.log(weight);
  const entry = (id: Token, logit: number) => ({
    tokenId: id as number,
    text: job.model.detokenize([id], true),
    logprob: Math.min(0, logit - normaliser),
  });
  return {
    ...entry(token, logits.get(token) ?? Number.NEGATIVE_INFINITY),
    top: likeliest.map(([id, logit]) => entry(id, logit)),
  };
}
