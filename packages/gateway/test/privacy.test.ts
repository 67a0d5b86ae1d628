import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hexToBytes } from '@cairn/core';
import type { InferEvent, InferRequest } from '@cairn/sdk';
import { SdkError } from '@cairn/sdk';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createGateway } from '../src/index.ts';
import { aCard, aClock, aLogger, anOffer, aRandom } from './support/parts.ts';

const receipt = { finishReason: 'stop', promptTokens: 1, cachedTokens: 0, completionTokens: 1, price: 1n };

/** The first model's provider is asked in clear and refuses, the second's is asked sealed and answers. */
async function* infer(request: InferRequest): AsyncGenerator<InferEvent, void> {
  const isFirst = request.offer.terms.peer === 'peer1';
  request.onOpening?.(isFirst ? {} : { sealed: 'x-wing' });
  if (isFirst) {
    throw new SdkError({ code: 'PROVIDER_REFUSED', provider: 'peer1', refusal: 'BUSY' }, 'It is busy.');
  }
  yield { type: 'accepted', promptTokens: 1, prefillHash: null, engineClass: null };
  yield { type: 'delta', text: 'hello', tokens: 1, tokenIds: [1], logprobs: null };
  yield { type: 'end', receipt: { receipt } as never, receiptId: 'ab' };
}

async function aGatewayOfTwoModels() {
  const ids = ['ab'.repeat(32), 'cd'.repeat(32)];
  const models = ids.map((id, place) => ({
    ...{ id, publishedHeight: place },
    card: { ...aCard(), name: `cairn/model-${place + 1}` },
  }));
  const offers = ids.map((id, place) => anOffer(place + 1, { model: hexToBytes(id) }));
  const gateway = createGateway({
    ...{ clock: aClock(), random: aRandom(), log: aLogger(), infer, receipt: () => null },
    catalogue: { models: async () => models, offers: async () => offers },
  });
  const server = createServer((request, response) => void gateway.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (models: readonly string[]) =>
    fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ models, max_tokens: 8, messages: [{ role: 'user', content: 'hello' }] }),
    });
}

describe('the privacy of an answer', () => {
  it('is that of the least private who was sent the question, also for an earlier model of the list', async () => {
    const ask = await aGatewayOfTwoModels();
    const alone = await ask(['cairn/model-2']);
    expect([alone.status, alone.headers.get('x-cairn-privacy')]).toEqual([200, 'L1']);
    const after = await ask(['cairn/model-1', 'cairn/model-2']);
    expect([after.status, after.headers.get('x-cairn-privacy')]).toEqual([200, 'L0']);
  });
});
