import { bytesToHex } from '@cairn/core';
import type { LoadedModel } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { aCheckingTown } from './town.ts';

/** A model whose reviews find fault with everything: a validator with broken memory, or one that lies. */
function aFaultyReviewer(model: LoadedModel): LoadedModel {
  return {
    capabilities: model.capabilities,
    generate: (request) => model.generate(request),
    embed: (texts) => model.embed(texts),
    logprobs: (tokenIds) => model.logprobs(tokenIds),
    tokenize: (prompt, shape) => model.tokenize(prompt, shape),
    detokenize: (tokenIds) => model.detokenize(tokenIds),
    selfTest: () => model.selfTest(),
    async review(request) {
      const review = await model.review!(request);
      return { ...review, tokens: review.tokens.map((token) => ({ ...token, margin: token.margin + 1 })) };
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

describe('a provider that is accused', () => {
  it('answers by itself when its own check finds no fault; others do not join, and the case is dropped', async () => {
    const town = await aCheckingTown({ powers: [2n, 3n], verdictSlots: 60n });
    const honest = await town.startMiner(0, town.reviewing);
    const faulty = aFaultyReviewer(town.reviewing);
    const [liar, fair] = town.judgeKeys;
    await town.startChecker('fair', fair!, town.shopperKeys[1]!);
    await town.startChecker('faulty', liar!, town.shopperKeys[0]!, {
      models: [{ artifact: town.claimed.sha256, model: faulty }],
    });
    const opened = await town.event('verification.caseOpened', ({ provider }) => provider === honest);
    const answered = await town.event('verification.caseAnswered', ({ provider }) => provider === honest);
    expect((answered.data as { reveal: string }).reveal).not.toBe(bytesToHex(new Uint8Array(32)));
    expect((answered.data as { receipt: string }).receipt).toBe((opened.data as { receipt: string }).receipt);
    await town.event('verification.caseDropped', ({ provider }) => provider === honest);
    expect(await town.convicted(honest)).toBe(0);
    expect(await town.stakeOf(honest)).toBe(town.stake);
  }, 120_000);
});
