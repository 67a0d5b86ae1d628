import type { GenerateEvent, LoadedModel } from '@cairn/protocol';

/** What the planted cheat always answers. */
const FIXED_GUESS = '0 0 * * *';

/**
 * The planted cheat of a local network: it claims to run a model, counts the tokens of real prompts and answers
 * the same guess to everything. It is there so that a person sees what scoring does to it, and says so wherever
 * it is listed.
 */
export function createCheatModel(claimed: LoadedModel): LoadedModel {
  return {
    capabilities: { ...claimed.capabilities, logprobs: null },
    tokenize: (prompt) => claimed.tokenize(prompt),
    detokenize: (tokenIds) => claimed.detokenize(tokenIds),
    embed: (texts) => claimed.embed(texts),
    logprobs: (tokenIds) => claimed.logprobs(tokenIds),
    selfTest: () => claimed.selfTest(),
    async *generate(request): AsyncGenerator<GenerateEvent> {
      const promptTokens = (await claimed.tokenize(request.prompt))?.length ?? 0;
      const guess = (await claimed.tokenize({ kind: 'text', text: FIXED_GUESS })) ?? [];
      const tokenIds = guess.slice(0, request.maxTokens);
      yield { type: 'delta', text: FIXED_GUESS, tokenIds, logprobs: null };
      yield {
        type: 'end',
        finishReason: 'stop',
        promptTokens,
        cachedTokens: 0,
        completionTokens: tokenIds.length,
        seed: request.seed ?? null,
      };
    },
    async [Symbol.asyncDispose]() {
      // The model it claims to run belongs to an honest miner, which lets it go.
    },
  };
}
