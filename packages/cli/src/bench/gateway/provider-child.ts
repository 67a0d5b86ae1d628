/** The entry of a process: a miner that takes vouchers and signs receipts, with a model that answers at once. */
import { createMiner, createPayee, systemClock, systemTimer } from '@cairn/node';
import type { GenerateEvent, GenerateRequest, LoadedModel, RecordStore } from '@cairn/protocol';
import {
  answerBench,
  BENCH_CHUNKS,
  benchGiven,
  benchWord,
  listenOnSocket,
  STREAMED,
  WHOLE_TEXT,
  WHOLE_TOKENS,
} from '@cairn/proving';
import { chainId, channels, crypto, log, provider, providerSigner, terms } from './market.ts';

const { socket } = benchGiven<{ socket: string }>();

async function* generate({ prompt }: GenerateRequest): AsyncGenerator<GenerateEvent, void> {
  const asked = prompt.kind === 'chat' ? (prompt.messages.at(-1)?.content ?? '') : '';
  const isStream = asked.includes(STREAMED);
  const completionTokens = isStream ? BENCH_CHUNKS : WHOLE_TOKENS;
  const ids = Array.from({ length: completionTokens }, (_, index) => index);
  if (!isStream) yield { type: 'delta', text: WHOLE_TEXT, tokenIds: ids, logprobs: null };
  else {
    for (const index of ids) {
      yield { type: 'delta', text: benchWord(index), tokenIds: [index], logprobs: null };
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  yield {
    type: 'end',
    finishReason: 'stop',
    promptTokens: 24,
    cachedTokens: 0,
    completionTokens,
    seed: null,
  };
}

const model: LoadedModel = {
  capabilities: {
    tokenIds: true,
    logprobs: null,
    seed: null,
    prefill: null,
    embed: null,
    contextTokens: terms.contextTokens,
  },
  generate,
  embed: async () => ({ vectors: [], tokens: 0 }),
  logprobs: async () => [],
  // The same ids stand for both texts, so none is told back.
  detokenize: async () => null,
  tokenize: async () => Array.from({ length: 24 }, (_, index) => index),
  selfTest: async () => ({ ok: true, ms: 0, tokensPerSecond: 0 }),
  [Symbol.asyncDispose]: async () => undefined,
};
const payee = createPayee({
  ...{ crypto, chainId, log, clock: systemClock, payee: provider, signer: providerSigner },
  ledger: channels,
  records: createMemoryRecords(),
});
const transport = await listenOnSocket(socket);
createMiner(
  { crypto, chainId, clock: systemClock, timer: systemTimer, transport, payee, log },
  // Every piece by itself, as many as the proxy hands through.
  { models: [{ terms, model }], gatherMs: 0 },
);
answerBench(true);

/** An upstream that answers at once waits for no disk. The gateway's own books are on one. */
function createMemoryRecords(): RecordStore {
  const records = new Map<string, Uint8Array>();
  return {
    get: (key) => records.get(key),
    async set(key, record) {
      records.set(key, record.slice());
    },
    async delete(key) {
      records.delete(key);
    },
    keys: (prefix) => [...records.keys()].filter((key) => key.startsWith(prefix)).sort(),
    [Symbol.asyncDispose]: async () => undefined,
  };
}
