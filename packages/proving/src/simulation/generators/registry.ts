import { bytesToHex, encode, hexToBytes } from '@cairn/core';
import {
  clearRoyaltiesShape,
  type ModelCard,
  modelIdOf,
  offerIdOf,
  postEvaluationShape,
  publishModelShape,
  publishOfferShape,
  removeAliasShape,
  removeProviderShape,
  retireModelShape,
  setAliasShape,
  setProviderShape,
  withdrawEvaluationShape,
  withdrawOfferShape,
} from '@cairn/ledger';
import type { CallGenerator, SimulatedCall, SimulationScene } from '../generator.ts';
import { messageIdOf } from '../message-ids.ts';

/** The file of every simulated model. */
export const SIMULATED_ARTIFACT = new Uint8Array(32).fill(7);

function knownModel({ ids, random }: SimulationScene): Uint8Array {
  const known = ids('models');
  return known.length === 0 || random.oneIn(10) ? random.bytes(32) : hexToBytes(random.pick(known));
}

function publishModelCall(scene: SimulationScene): SimulatedCall {
  const { random, people, crypto, ids } = scene;
  const sender = random.pick(people);
  const card: ModelCard = {
    name: random.oneIn(10) ? 'No Name' : `people/model-${random.below(5)}`,
    version: `1.${random.below(20)}`,
    owner: random.oneIn(10) ? random.pick(people).account : sender.account,
    kind: 'chat',
    description: 'Made up.',
    artifacts: [
      {
        path: 'model.gguf',
        format: 'gguf',
        quantisation: 'f16',
        sizeBytes: random.belowBig(1_000_000n),
        sha256: SIMULATED_ARTIFACT,
        merkleRoot: random.bytes(32),
      },
    ],
    parameters: 2_000_000n,
    contextTokens: 512,
    licence: 'Apache-2.0',
    parents: random.oneIn(3) ? [knownModel(scene)] : [],
    capabilities: [],
    royaltyBps: random.below(6_000),
    tokenizerHash: new Uint8Array(32),
    chatTemplateHash: new Uint8Array(32),
    tasks: [],
    languages: [],
    evaluations: [],
  };
  ids('models').push(bytesToHex(modelIdOf(crypto, card)));
  return {
    sender,
    messageId: messageIdOf('registry.publishModel'),
    message: encode(publishModelShape, { card }),
  };
}

function publishOfferCall(scene: SimulationScene): SimulatedCall {
  const { random, people, crypto, ids } = scene;
  const sender = random.pick(people);
  const price = {
    inputPerMillion: random.belowBig(1_000_000n),
    cachedInputPerMillion: 0n,
    outputPerMillion: random.belowBig(1_000_000n),
    perRequest: 0n,
    perImage: 0n,
    perAudioSecond: 0n,
  };
  const terms = {
    netuid: random.below(4),
    model: knownModel(scene),
    artifact: random.oneIn(8) ? random.bytes(32) : SIMULATED_ARTIFACT,
    price,
    maxConcurrency: 1 + random.below(4),
    contextTokens: 512,
    capabilities: [],
    tier: random.below(3),
    retainsData: false,
    trainsOnData: false,
    expirySlot: random.belowBig(2_000n),
    regions: [],
    peer: 'memory',
  };
  ids('offers').push(bytesToHex(offerIdOf(crypto, sender.account, terms)));
  return {
    sender,
    messageId: messageIdOf('registry.publishOffer'),
    message: encode(publishOfferShape, { terms }),
  };
}

function providerCall({ random, people }: SimulationScene): SimulatedCall {
  const sender = random.pick(people);
  if (random.oneIn(3)) {
    const provider = random.pick(people).account;
    const message = encode(removeProviderShape, { provider });
    return { sender, messageId: messageIdOf('registry.removeProvider'), message };
  }
  const devices = Array.from({ length: random.below(4) }, () => ({
    peerKey: random.oneIn(8) ? SIMULATED_ARTIFACT : random.bytes(32),
    addresses: random.oneIn(2) ? ['/ip4/192.0.2.1/tcp/8471'] : [],
    expirySlot: random.belowBig(2_000n),
  }));
  const sealing = {
    x25519: random.bytes(32),
    xWing: random.oneIn(4) ? random.bytes(1_216) : new Uint8Array(),
  };
  const terms = { sealing, devices, region: random.oneIn(8) ? 'EU' : 'eu' };
  return {
    sender,
    messageId: messageIdOf('registry.setProvider'),
    message: encode(setProviderShape, { terms }),
  };
}

function aliasCall(scene: SimulationScene): SimulatedCall {
  const { random, people } = scene;
  const sender = random.pick(people);
  const name = `people/model-${random.below(5)}`;
  const tag = random.oneIn(10) ? 'La:test' : random.pick(['latest', 'small']);
  if (random.oneIn(3)) {
    const message = encode(removeAliasShape, { name, tag });
    return { sender, messageId: messageIdOf('registry.removeAlias'), message };
  }
  const models = Array.from({ length: random.below(3) }, () => knownModel(scene));
  return {
    sender,
    messageId: messageIdOf('registry.setAlias'),
    message: encode(setAliasShape, { name, tag, models }),
  };
}

/** Words about a model: of validators and of people who are none, of few tasks so that they are replaced. */
function evaluationCall(scene: SimulationScene): SimulatedCall {
  const { random, people } = scene;
  const sender = random.pick(people);
  const sold = { model: knownModel(scene), artifact: SIMULATED_ARTIFACT };
  if (random.oneIn(4)) {
    const message = encode(clearRoyaltiesShape, sold);
    return { sender, messageId: messageIdOf('registry.clearRoyalties'), message };
  }
  const task = random.oneIn(10) ? 'A task' : random.pick(['crontab', 'translate']);
  if (random.oneIn(3)) {
    const message = encode(withdrawEvaluationShape, {
      ...sold,
      task,
      validator: random.pick(people).account,
    });
    return { sender, messageId: messageIdOf('registry.withdrawEvaluation'), message };
  }
  const trials = random.below(100);
  const right = random.below(trials + 2);
  const measurement = { ...sold, netuid: random.below(4), task, right, trials, evidence: random.bytes(32) };
  return {
    sender,
    messageId: messageIdOf('registry.postEvaluation'),
    message: encode(postEvaluationShape, { measurement }),
  };
}

/** Cards, offers, providers, names and words about models: new, repeated, of others and withdrawn. */
export const registryGenerator: CallGenerator = {
  module: 'registry',
  weight: 7,
  call(scene) {
    const { random, people, ids } = scene;
    const sender = random.pick(people);
    switch (random.below(8)) {
      case 0:
      case 1:
        return publishModelCall(scene);
      case 2: {
        const message = encode(retireModelShape, { model: knownModel(scene) });
        return { sender, messageId: messageIdOf('registry.retireModel'), message };
      }
      case 3: {
        const offers = ids('offers');
        const offer = offers.length === 0 ? random.bytes(32) : hexToBytes(random.pick(offers));
        return {
          sender,
          messageId: messageIdOf('registry.withdrawOffer'),
          message: encode(withdrawOfferShape, { offer }),
        };
      }
      case 4:
        return providerCall(scene);
      case 5:
        return aliasCall(scene);
      case 6:
        return evaluationCall(scene);
      default:
        return publishOfferCall(scene);
    }
  },
};
