import { type Clock, hexToBytes, type Logger } from '@cairn/core';
import type { ModelCard, Offer } from '@cairn/ledger';
import type { RecordStore } from '@cairn/protocol';
import { parseChatRequest } from '../../src/api/parse-request.ts';
import { type ListedModel, listModels } from '../../src/index.ts';

const model = 'ab'.repeat(32);

export function aClock(): Clock & { now: number } {
  return {
    now: 0,
    nowMs() {
      return this.now;
    },
  };
}

export function aRandom() {
  let state = 1;
  return {
    bytes(length: number) {
      return Uint8Array.from({ length }, () => {
        state = (state * 1103515245 + 12345) % 2 ** 31;
        return state >> 16;
      });
    },
  };
}

export function aLogger(): Logger {
  const logger: Logger = {
    error: () => undefined,
    warn: () => undefined,
    info: () => undefined,
    debug: () => undefined,
    child: () => logger,
  };
  return logger;
}

export function anOffer(
  byte: number,
  fields: Partial<Offer['terms']> = {},
  outputPerMillion = 1_000_000n,
): Offer {
  return {
    provider: new Uint8Array(32).fill(byte),
    recordDeposit: 0n,
    terms: {
      netuid: 1,
      model: hexToBytes(model),
      artifact: new Uint8Array(32).fill(1),
      price: {
        inputPerMillion: 0n,
        cachedInputPerMillion: 0n,
        outputPerMillion,
        perRequest: 0n,
        perImage: 0n,
        perAudioSecond: 0n,
      },
      maxConcurrency: 4,
      contextTokens: 4096,
      capabilities: ['tokenIds', 'prefill'],
      tier: 1,
      retainsData: false,
      trainsOnData: false,
      expirySlot: 1n,
      regions: [],
      peer: `peer${byte}`,
      ...fields,
    },
  };
}

export function aCard(): ModelCard {
  return {
    name: 'cairn/crontab',
    version: '1',
    owner: new Uint8Array(32),
    kind: 'chat',
    description: '',
    artifacts: [
      {
        path: 'x',
        format: 'gguf',
        quantisation: 'F16',
        sizeBytes: 1n,
        sha256: new Uint8Array(32).fill(1),
        merkleRoot: new Uint8Array(32),
      },
    ],
    parameters: 1n,
    contextTokens: 1,
    licence: 'MIT',
    parents: [],
    tokenizerHash: new Uint8Array(32),
    chatTemplateHash: new Uint8Array(32),
    tasks: [],
    languages: [],
    evaluations: [],
    capabilities: [],
    royaltyBps: 0,
  };
}

export function aListing(offers: readonly Offer[]): ListedModel {
  return listModels([{ id: model, card: aCard(), publishedHeight: 1 }], offers)[0]!;
}

export function aRequest(fields: object = {}, content = 'x') {
  return parseChatRequest({
    model: 'cairn/crontab',
    messages: [{ role: 'user', content }],
    max_tokens: 100,
    ...fields,
  });
}

export function aRecordStore(): RecordStore {
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
