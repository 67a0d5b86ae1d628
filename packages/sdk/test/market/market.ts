import { accountIdToAddress, bytesToHex, createPureCrypto } from '@cairn/core';
import { type ModelCard, modelIdOf, type Offer } from '@cairn/ledger';
import type { RegistryEvaluation, RegistryModel, RegistryOffer } from '../../src/index.ts';

const crypto = createPureCrypto();
export const addressOf = (n: number) => accountIdToAddress(new Uint8Array(32).fill(n));

export function aModel(number: number, change: Partial<ModelCard> = {}): RegistryModel {
  const card: ModelCard = {
    name: `people/model-${number}`,
    version: '1',
    owner: new Uint8Array(32).fill(1),
    kind: 'chat',
    description: '',
    artifacts: [
      {
        path: 'model.gguf',
        format: 'gguf',
        quantisation: 'f16',
        sizeBytes: 1n,
        sha256: new Uint8Array(32).fill(number),
        merkleRoot: new Uint8Array(32),
      },
    ],
    parameters: 1_000_000n,
    contextTokens: 512,
    licence: 'Apache-2.0',
    parents: [],
    capabilities: [],
    royaltyBps: 0,
    tokenizerHash: new Uint8Array(32),
    chatTemplateHash: new Uint8Array(32),
    tasks: [],
    languages: [],
    evaluations: [],
    ...change,
  };
  return { id: bytesToHex(modelIdOf(crypto, card)), card, publishedHeight: number, royalties: [] };
}

export function anOffer({ id, card }: RegistryModel, outputPerMillion: bigint, provider = 9): RegistryOffer {
  const terms: Offer['terms'] = {
    netuid: 1,
    model: Buffer.from(id, 'hex'),
    artifact: card.artifacts[0]!.sha256,
    price: {
      inputPerMillion: 0n,
      cachedInputPerMillion: 0n,
      outputPerMillion,
      perRequest: 0n,
      perImage: 0n,
      perAudioSecond: 0n,
    },
    maxConcurrency: 1,
    contextTokens: 512,
    capabilities: [],
    tier: 1,
    retainsData: false,
    trainsOnData: false,
    expirySlot: 10n,
    regions: [],
    peer: 'memory',
  };
  return { id: `${provider}`.padStart(64, '0'), provider: addressOf(provider), terms };
}

/** So many of so many right, in the words of a validator with so much stake. */
export function aWord(
  { id, card }: RegistryModel,
  right: number,
  trials: number,
  { task = 'crontab', stake = 1n as bigint | null, validator = 5 } = {},
): RegistryEvaluation {
  const measurement = {
    netuid: 1,
    model: Buffer.from(id, 'hex'),
    artifact: card.artifacts[0]!.sha256,
    task,
    right,
    trials,
    evidence: new Uint8Array(32),
  };
  return { validator: addressOf(validator), measurement, slot: 1n, stake };
}
