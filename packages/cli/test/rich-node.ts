import { accountIdToAddress } from '@cairn/core';
import { accountOf, GATEWAY, methods, OWNER, VALIDATOR } from './economy-node.ts';
import type { FakeMethods } from './fake-node.ts';

export const OTHER = accountIdToAddress(accountOf(5));
export const ID = 'cd'.repeat(32);
/** Answers the first page, then nothing. */
export const page = (entries: unknown[]) => (params: never) =>
  (params as { after: unknown }).after === null ? entries : [];

const subnet = {
  ...{ netuid: 2, name: 'weather', owner: OWNER, neuronCount: 3, price: '1', pending: '0', epoch: 1 },
  ...{ nextEpochSlot: '120', slot: '100', hyperparameters: { tempo: 100, burnMin: '500000' } },
  ...{ mechanisms: [{ part: 65_535 }], announcedParts: [] },
};
const market = {
  ...{ netuid: 2, name: 'weather', price: '2000000000', averagePrice: '1', burnCost: '1' },
  ...{ cairnReserve: '1000000000000', tokenReserve: '1', quoteWeight: '1', outstanding: '400000000000' },
  ...{ burned: '0', protocolTokens: '0', issuance: '1', burnCaused: '0', userFlow: '0', protocolFlow: '0' },
};
const rule = { initial: '0', max: '1000000000000', source: 'own', help: 'What it means.' };
const proposal = {
  ...{ id: 1, kind: 'grant', proposer: OWNER, title: 'Maps', description: '', changes: [], pause: null },
  grant: {
    payee: OTHER,
    milestones: [
      { amount: '5000000000', deadlineSlot: '900', state: 'planned' },
      { amount: '7000000000', deadlineSlot: '900', state: 'confirmed' },
    ],
  },
  ...{ council: null, state: 'approved', votingEndSlot: '90', enactSlot: '150', votes: 1, bond: '100' },
  votesFor: { capital: '1', weight: '1' },
  votesAgainst: { capital: '0', weight: '0' },
  ...{ quorum: '1', approvalBps: '5000', wouldBe: 'approved' },
};
const position = { amount: '7000000000', shares: '7', deposit: '1' };
const hotkey = {
  ...{ owner: OWNER, takeBps: 1000, takeRaisedSlot: '0', totalStake: '0', keptStake: '0' },
  ...{ tokenPools: 0, neurons: 0, deposit: '182000' },
};
const guarded = {
  ...{ key: OTHER, former: [], change: null, isFrozen: false },
  recovery: {
    current: { guardians: [OWNER, GATEWAY], threshold: 2 },
    next: null,
    votes: [{ guardian: GATEWAY, newKey: VALIDATOR }],
    frozenUntil: '0',
  },
};
const limits = {
  ...{ perCall: '1', perDay: '1', total: '1', expirySlot: '9' },
  ...{ messages: [], payees: [], models: [] },
};
const channel = {
  ...{ id: ID, payer: OWNER, payee: OTHER, netuid: 1, deposited: '1', claimed: '0' },
  ...{ finalAt: '0', live: '1', recordDeposit: '1' },
};

const provider = {
  ...{ account: OWNER, sealing: { x25519: ID, xWing: '' }, region: 'de', recordDeposit: '300000' },
  devices: [{ peerKey: ID, addresses: ['/ip4/192.0.2.1/tcp/8471'], expirySlot: '500' }],
};

const HASH = '0'.repeat(64);
export const TUNED = 'ef'.repeat(32);
const card = {
  ...{ name: 'me/maps', version: '1', owner: OWNER, kind: 'chat', description: 'Draws maps.' },
  artifacts: [
    {
      ...{ path: 'maps.gguf', format: 'gguf', quantisation: 'f16', sizeBytes: '2000' },
      ...{ sha256: ID, merkleRoot: HASH },
    },
  ],
  ...{ parameters: '7000000', contextTokens: 512, licence: 'CC-BY-SA-4.0', parents: [] as string[] },
  ...{ capabilities: [], royaltyBps: 500, tokenizerHash: HASH, chatTemplateHash: HASH },
  ...{ tasks: ['maps'], languages: ['en'] },
  evaluations: [{ artifact: ID, task: 'maps', right: 10, trials: 10, evidence: HASH }],
};
const royalties = [{ model: ID, owner: OWNER, bps: 500 }];
const model = { id: ID, ...card, publishedHeight: '3', royalties };
const tuned = {
  ...{ ...model, id: TUNED, name: 'me/tuned', parents: [ID], royaltyBps: 0, tasks: [], evaluations: [] },
  publishedHeight: '4',
};
const evaluation = {
  ...{ id: `${ID}/1`, validator: VALIDATOR, slot: '9', recordDeposit: '1' },
  measurement: {
    ...{ netuid: 2, model: ID, artifact: ID, task: 'maps', right: 90, trials: 100, evidence: HASH },
  },
};
const offer = {
  ...{ id: ID, provider: OWNER, netuid: 2, model: ID, artifact: ID, tier: 0, maxConcurrency: 1 },
  price: {
    ...{ inputPerMillion: '1', cachedInputPerMillion: '0', outputPerMillion: '2000000000', perRequest: '0' },
    ...{ perImage: '0', perAudioSecond: '0' },
  },
  ...{ contextTokens: 512, capabilities: [], retainsData: false, trainsOnData: false },
  ...{ expirySlot: '900', regions: [], peer: 'x' },
};

const parameters = {
  ...{ feePerByte: 100, feePerWork: 10, depositPerByte: 1000, accountDeposit: 5_000_000, unbondingSlots: 40 },
  ...{ maxTakeBps: 1800, maxChildTakeBps: 1800, dissolutionNoticeSlots: 50 },
};

/** A node on which there is something for every verb. */
export const rich: FakeMethods = {
  ...methods,
  parameters_list: () => Object.entries(parameters).map(([name, value]) => ({ name, value: `${value}` })),
  accounts_get: () => ({
    ...{ nonce: '1', spendable: '9000000000', deposit: '5000000', records: 0 },
    ...{ isKeyChanged: false, isFrozen: false },
  }),
  accounts_keys: () => guarded,
  accounts_multisigProposals: page([
    { proposal: ID, callHash: ID, approvals: [OWNER], expirySlot: '9', deposit: '3' },
  ]),
  accounts_proxies: () => [
    {
      ...{ delegate: GATEWAY, purpose: 'any', delaySlots: 5, deposit: '1' },
      announced: [{ callHash: ID, slot: '7', deposit: '4' }],
    },
  ],
  accounts_subKeys: page([
    { key: OWNER, limits, spent: '0', day: '0', spentToday: '0', isVoid: false, isExpired: false },
  ]),
  channels_get: () => channel,
  governance_proposal: () => proposal,
  governance_status: () => ({
    ...{ treasury: '0', pauses: [], agenda: 1, grants: 1, bond: '1', staked: '1', slot: '100' },
    council: { members: [OWNER, GATEWAY, OTHER], agreement: 2 },
  }),
  governance_voter: () => ({
    ...{ lent: { capital: '0', weight: '0' }, delegators: 0, locks: [] },
    delegation: {
      ...{ delegate: GATEWAY, conviction: 1, lockSlots: '30', deposit: '5' },
      power: { capital: '7000000000', weight: '70000000000' },
    },
  }),
  node_privacy: () => [{ offer: ID, level: 'L1' }],
  pools_get: () => market,
  pools_holdings: () => [],
  registry_models: page([model, tuned]),
  registry_resolve: ({ alias }: { alias: string }) =>
    alias === 'me/maps' ? [ID] : alias === 'me/tuned' ? [TUNED] : [],
  registry_evaluations: page([evaluation]),
  subnets_metagraph: () => ({ neurons: [{ hotkey: VALIDATOR, permit: true, rootStake: '5' }] }),
  registry_offers: page([offer]),
  registry_provider: () => provider,
  registry_providers: page([provider]),
  staking_autoStake: () => [],
  staking_children: () => ({
    children: [{ hotkey: OTHER, proportion: ((1n << 63n) - 1n).toString() }],
    ...{ next: null, takeBps: 0, tokens: '0', root: '0' },
    parents: [{ hotkey: OTHER, tokens: '1', root: '1' }],
  }),
  staking_hotkey: () => hotkey,
  staking_positions: page([{ hotkey: VALIDATOR, ...position }]),
  staking_tokenPositions: page([{ netuid: 2, hotkey: VALIDATOR, ...position }]),
  staking_rootClaims: () => [
    { hotkey: VALIDATOR, amount: '2000000000', claims: [{ netuid: 2, amount: '3000000000' }] },
  ],
  staking_unbonding: () => [
    { hotkey: VALIDATOR, to: null, leftHeight: '1', amount: '5', left: '4', freeSlot: '100' },
  ],
  subnets_claimable: () => [
    { netuid: 2, hotkey: null, amount: '10' },
    { netuid: 2, hotkey: VALIDATOR, amount: '20' },
    { netuid: 9, hotkey: null, amount: '30' },
  ],
  subnets_get: () => subnet,
  subnets_hyperparameters: () => [
    { ...rule, name: 'tempo', unit: 'slots', min: '5' },
    { ...rule, name: 'burnMin', unit: 'pebbles', min: '0' },
  ],
  subnets_notices: () => [],
};
export const challenged: FakeMethods = {
  ...rich,
  subnets_notices: () => [
    {
      netuid: 2,
      endSlot: '500',
      challenge: { challenger: OTHER, name: 'storms', amount: '1500000000000' },
    },
  ],
};
export const announced: FakeMethods = {
  ...rich,
  subnets_notices: () => [{ netuid: 2, endSlot: '500', challenge: null }],
};
