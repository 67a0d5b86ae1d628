import { accountIdOf, bytesToHex, utf8ToBytes } from '@cairn/core';
import { createLogger, createNativeCrypto, createNativeEd25519Signer, type GatewayParts } from '@cairn/node';
import { BENCH_MODEL } from '@cairn/proving';
import type { ChannelLedger, InferRequest } from '@cairn/sdk';

export const crypto = createNativeCrypto();
export const chainId = crypto.sha256(utf8ToBytes('the chain of the gateway bench'));
export const log = createLogger({
  level: 'warn',
  write: (line) => process.stderr.write(`${line}\n`),
});

const signerOf = (name: string) =>
  createNativeEd25519Signer(crypto.sha256(utf8ToBytes(`${name} of the gateway bench`)));
const accountOf = ({ scheme, publicKey }: ReturnType<typeof signerOf>) =>
  accountIdOf(crypto, scheme, publicKey);

export const payerSigner = signerOf('payer');
export const providerSigner = signerOf('provider');
const payer = accountOf(payerSigner);
export const provider = accountOf(providerSigner);

/** More than any bench spends, so that no answer waits for a block. */
const DEPOSIT = 10n ** 15n;
const channelId = crypto.sha256(utf8ToBytes('the channel of the gateway bench'));
const channel: NonNullable<Awaited<ReturnType<ChannelLedger['find']>>> = {
  payer,
  payerKey: payer,
  payee: provider,
  netuid: 0,
  deposited: DEPOSIT,
  claimed: 0n,
  totals: [],
  finalAt: 0n,
  openedHeight: 1n,
  recordDeposit: 0n,
};

/** One channel, open for good: the ledger is not on the way of a request. */
export const channels: Pick<ChannelLedger, 'open' | 'topUp' | 'startClose' | 'find' | 'claim'> = {
  open: async () => channelId,
  topUp: async () => undefined,
  startClose: async () => undefined,
  find: async () => channel,
  claim: async () => undefined,
};

type Terms = InferRequest['offer']['terms'];

const model = crypto.sha256(utf8ToBytes('the model of the gateway bench'));
const artifact = crypto.sha256(utf8ToBytes('the artifact of the gateway bench'));

export const terms: Terms = {
  netuid: 0,
  model,
  artifact,
  price: {
    inputPerMillion: 2_000_000n,
    cachedInputPerMillion: 1_000_000n,
    outputPerMillion: 5_000_000n,
    perRequest: 10n,
    perImage: 0n,
    perAudioSecond: 0n,
  },
  maxConcurrency: 256,
  contextTokens: 4_096,
  capabilities: ['tokenIds'],
  tier: 1,
  retainsData: false,
  trainsOnData: false,
  expirySlot: 1_000_000n,
  regions: [],
  peer: 'provider',
};

type Registered = Awaited<ReturnType<GatewayParts['catalogue']['models']>>[number];

const registered: Registered = {
  id: bytesToHex(model),
  publishedHeight: 1,
  card: {
    name: BENCH_MODEL,
    version: '1',
    owner: provider,
    kind: 'chat',
    description: '',
    artifacts: [
      {
        path: 'bench',
        format: 'upstream',
        quantisation: 'F16',
        sizeBytes: 1n,
        sha256: artifact,
        merkleRoot: new Uint8Array(32),
      },
    ],
    parameters: 1n,
    contextTokens: 4_096,
    licence: 'Apache-2.0',
    parents: [],
    capabilities: [],
    royaltyBps: 0,
    tokenizerHash: new Uint8Array(32),
    chatTemplateHash: new Uint8Array(32),
    tasks: [],
    languages: [],
    evaluations: [],
  },
};

const models = [registered];
const offers = [{ provider, recordDeposit: 0n, terms }];

/** The same lists each time, as the ledger's catalogue gives them between two looks. */
export const catalogue: GatewayParts['catalogue'] = {
  models: async () => models,
  offers: async () => offers,
};
