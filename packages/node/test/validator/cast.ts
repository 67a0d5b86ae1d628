import { accountIdToAddress, concatBytes, type Random, type Signer } from '@cairn/core';
import type { ModelCard } from '@cairn/ledger';
import type { GenerateEvent, GenerateRequest, LoadedModel } from '@cairn/protocol';
import type { RoleKey } from '../../src/data/role-keys.ts';
import type { WorkerKeys } from '../../src/up/local-keys.ts';
import { accountOf, aSigner, crypto } from '../rpc/parts.ts';

async function unsupported(): Promise<never> {
  throw new Error('the model of this test only generates');
}

/** Not a model: answers by a rule of the test, one word per token. */
export function aModel(answer: (question: string) => string | Promise<string>): LoadedModel {
  const words = (text: string) => text.split(/(?<= )/).map((_, index) => index + 1);
  const textOf = ({ prompt }: Pick<GenerateRequest, 'prompt'>) =>
    prompt.kind === 'chat' ? prompt.messages.map(({ content }) => content).join(' ') : '';
  return {
    capabilities: {
      contextTokens: 4096,
      tokenIds: true,
      logprobs: null,
      seed: null,
      prefill: null,
      embed: null,
    },
    embed: unsupported,
    logprobs: unsupported,
    selfTest: unsupported,
    detokenize: unsupported,
    tokenize: async (prompt) => words(prompt.kind === 'text' ? prompt.text : textOf({ prompt })),
    async *generate(request): AsyncGenerator<GenerateEvent> {
      const text = await answer(textOf(request));
      const tokenIds = words(text);
      yield { type: 'delta', text, tokenIds, logprobs: null };
      yield {
        type: 'end',
        finishReason: 'stop',
        promptTokens: words(textOf(request)).length,
        cachedTokens: 0,
        completionTokens: tokenIds.length,
        seed: null,
      };
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

export const roleKey = (signer: Signer): RoleKey => {
  const account = accountOf(signer);
  return { account, address: accountIdToAddress(account), signer };
};
export const workerKeys = (name: string): WorkerKeys => ({
  name,
  coldkey: roleKey(aSigner(`${name} coldkey`)),
  hotkey: roleKey(aSigner(`${name} hotkey`)),
});

export function aCard(owner: Uint8Array): ModelCard {
  return {
    name: 'cairn/stub',
    version: '1',
    owner,
    kind: 'chat',
    description: 'Answers by a rule.',
    artifacts: [
      {
        path: 'stub.gguf',
        format: 'gguf',
        quantisation: 'F16',
        sizeBytes: 1n,
        sha256: new Uint8Array(32).fill(2),
        merkleRoot: new Uint8Array(32).fill(3),
      },
    ],
    parameters: 1n,
    contextTokens: 4096,
    licence: 'Apache-2.0',
    parents: [],
    capabilities: [],
    royaltyBps: 0,
    tokenizerHash: new Uint8Array(32),
    chatTemplateHash: new Uint8Array(32),
    tasks: [],
    languages: [],
    evaluations: [],
  };
}

/** Bytes that follow from a name, so that a test knows every salt that may be drawn. */
export function aRandom(name: string): Random & { readonly drawn: Uint8Array[] } {
  const drawn: Uint8Array[] = [];
  return {
    drawn,
    bytes(length) {
      const half = (which: string) =>
        crypto.sha256(new TextEncoder().encode(`${name} ${drawn.length}${which}`));
      const bytes = concatBytes(half(''), half(' more')).slice(0, length);
      drawn.push(bytes);
      return bytes;
    },
  };
}
