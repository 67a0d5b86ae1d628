import {
  type Device,
  type Measurement,
  type ModelCard,
  modelIdOf,
  type OfferTerms,
  offerIdOf,
  type ProviderTerms,
} from '../../src/index.ts';
import { neurons, uids } from '../../src/subnets/state.ts';
import { type TestChain, type TestKey, testCrypto } from './chain.ts';

/** A card of one artifact, with what a test changes. */
export function aCard(owner: TestKey, change: Partial<ModelCard> = {}): ModelCard {
  return {
    name: 'people/model',
    version: '1.0',
    owner: owner.account,
    kind: 'chat',
    description: '',
    artifacts: [anArtifact(1)],
    parameters: 1n,
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
}

export function anArtifact(n: number, path = 'model.gguf'): ModelCard['artifacts'][number] {
  return {
    path,
    format: 'gguf',
    quantisation: 'f16',
    sizeBytes: 1n,
    sha256: new Uint8Array(32).fill(n),
    merkleRoot: new Uint8Array(32),
  };
}

export const idOf = (card: ModelCard): Uint8Array => modelIdOf(testCrypto, card);

/** Terms for the first artifact of a card. */
export function someTerms(card: ModelCard, change: Partial<OfferTerms> = {}): OfferTerms {
  return {
    netuid: 1,
    model: idOf(card),
    artifact: card.artifacts[0]!.sha256,
    price: {
      inputPerMillion: 1n,
      cachedInputPerMillion: 0n,
      outputPerMillion: 2n,
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
    expirySlot: 1_000_000n,
    regions: [],
    peer: 'memory',
    ...change,
  };
}

export const offerOf = (provider: TestKey, terms: OfferTerms): Uint8Array =>
  offerIdOf(testCrypto, provider.account, terms);

export function aDevice(n: number, change: Partial<Device> = {}): Device {
  return {
    peerKey: new Uint8Array(32).fill(n),
    addresses: ['/ip4/192.0.2.1/tcp/8471'],
    expirySlot: 1_000_000n,
    ...change,
  };
}

/** Keys and machines of a provider, with what a test changes. */
export function aProvider(change: Partial<ProviderTerms> = {}): ProviderTerms {
  return {
    sealing: { x25519: new Uint8Array(32).fill(7), xWing: new Uint8Array() },
    devices: [aDevice(1)],
    region: '',
    ...change,
  };
}

/** Makes a key a validator with a permit, without the epochs that it takes. */
export function permit(
  chain: TestChain,
  { account }: TestKey,
  netuid = 1,
  uid = 0,
  isPermitted = true,
): void {
  const zero = { registeredSlot: 0n, lastUpdateSlot: 0n, consensus: 0, incentive: 0, dividends: 0, trust: 0 };
  const rest = { emission: 0n, missedReveals: 0, withheldEvidence: 0 };
  chain.edit((state) => {
    uids.set(state, netuid, account, uid);
    neurons.set(state, netuid, uid, { hotkey: account, permit: isPermitted, ...zero, ...rest });
  });
}

/** A measurement of the first artifact of a card. */
export function aMeasurement(card: ModelCard, change: Partial<Measurement> = {}): Measurement {
  return {
    netuid: 1,
    model: idOf(card),
    artifact: card.artifacts[0]!.sha256,
    task: 'crontab',
    right: 90,
    trials: 100,
    evidence: new Uint8Array(32),
    ...change,
  };
}
