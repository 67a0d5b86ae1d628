import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { accountIdToAddress, createEd25519Signer } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { accountOf, GATEWAY, methods, OWNER, sentBy, transfer, VALIDATOR } from './economy-node.ts';
import { type FakeMethods, startFakeNode } from './fake-node.ts';
import { run } from './run.ts';

const OTHER = accountIdToAddress(accountOf(5));
const ID = 'cd'.repeat(32);
/** Answers the first page, then nothing. */
const page = (entries: unknown[]) => (params: never) =>
  (params as { after: unknown }).after === null ? entries : [];

const subnet = {
  ...{ netuid: 2, name: 'weather', owner: OWNER, neuronCount: 3, price: '1', pending: '0', epoch: 1 },
  ...{ nextEpochSlot: '120', slot: '100', hyperparameters: { tempo: 100, burnMin: '500000' } },
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

const parameters = {
  ...{ feePerByte: 100, feePerWork: 10, depositPerByte: 1000, accountDeposit: 5_000_000, unbondingSlots: 40 },
  ...{ maxTakeBps: 1800, maxChildTakeBps: 1800, dissolutionNoticeSlots: 50 },
};

/** A node on which there is something for every verb. */
const rich: FakeMethods = {
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
  accounts_subKeys: page([{ key: OWNER, limits, spent: '0', day: '0', spentToday: '0', isVoid: false }]),
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
  pools_get: () => market,
  pools_holdings: () => [],
  registry_models: page([{ id: ID, name: 'me/maps', version: '1', kind: 'chat', artifacts: [] }]),
  registry_offers: page([
    { id: ID, provider: OWNER, model: ID, price: { inputPerMillion: '1', outputPerMillion: '1' }, tier: 0 },
  ]),
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
const challenged: FakeMethods = {
  ...rich,
  subnets_notices: () => [
    {
      netuid: 2,
      endSlot: '500',
      challenge: { challenger: OTHER, name: 'storms', amount: '1500000000000' },
    },
  ],
};
const announced: FakeMethods = {
  ...rich,
  subnets_notices: () => [{ netuid: 2, endSlot: '500', challenge: null }],
};

/** What is typed, and what of the message it has to send. */
const VERBS: readonly [words: string, message: string, value: object][] = [
  ['stake move validator-1 OTHER 2', 'staking.moveStake', { netuid: 0, to: OTHER, amount: '2000000000' }],
  ['stake move validator-1 OTHER all --subnet 2', 'staking.moveStake', { netuid: 2, amount: null }],
  ['stake send validator-1 gateway 1.5', 'staking.transferStake', { to: GATEWAY, amount: '1500000000' }],
  ['stake release owner', 'staking.release', { coldkey: OWNER }],
  ['stake auto 2 validator-1', 'staking.setAutoStake', { netuid: 2, hotkey: VALIDATOR }],
  ['stake auto 2 none', 'staking.setAutoStake', { hotkey: null }],
  ['stake dividends validator-1 keep all', 'staking.setRootClaim', { kind: 'keep', amount: null }],
  ['stake dividends validator-1 swap 2', 'staking.setRootClaim', { kind: 'swap', amount: '2000000000' }],
  ['stake claim validator-1 --subnet 2', 'staking.claimRoot', { netuid: 2, hotkey: VALIDATOR }],
  ['hotkey take validator-1 9.5%', 'staking.setTake', { hotkey: VALIDATOR, takeBps: 950 }],
  ['hotkey child-take validator-1 5 --subnet 2', 'staking.setChildTake', { netuid: 2, takeBps: 500 }],
  ['hotkey remove validator-1', 'staking.dissociateHotkey', { hotkey: VALIDATOR }],
  [
    'hotkey lend validator-1 --subnet 2 --to OTHER=50%,GATEWAY=12.5%',
    'staking.setChildren',
    {
      children: [
        { hotkey: OTHER, proportion: ((1n << 63n) - 1n).toString() },
        { hotkey: GATEWAY, proportion: ((1n << 61n) - 1n).toString() },
      ],
    },
  ],
  ['hotkey lend validator-1 --subnet 2 --to none', 'staking.setChildren', { children: [] }],
  ['subnet dissolve 2', 'subnets.dissolve', { netuid: 2 }],
  ['subnet claim 2', 'subnets.claimDissolved', { holder: OWNER, hotkey: VALIDATOR }],
  [
    'subnet set 2 tempo=300,burnMin=0.5CAIRN',
    'subnets.setHyperparameters',
    {
      changes: [
        { name: 'tempo', value: '300' },
        { name: 'burnMin', value: '500000000' },
      ],
    },
  ],
  ['proposal cancel 1', 'governance.cancelProposal', { proposal: 1 }],
  ['proposal council 1 delay', 'governance.councilAct', { proposal: 1, action: 'delay' }],
  ['proposal confirm 1 0', 'governance.completeMilestone', { proposal: 1, milestone: 0 }],
  ['proposal claim 1 1', 'governance.claimGrant', { proposal: 1, milestone: 1 }],
  [
    'proposal delegate gateway --conviction 2',
    'governance.delegateVotes',
    { to: GATEWAY, conviction: 2, hotkeys: [VALIDATOR] },
  ],
  ['proposal undelegate', 'governance.undelegateVotes', { from: GATEWAY }],
  ['proposal withdraw 1 --voter gateway', 'governance.withdrawVote', { voter: GATEWAY }],
  ['key guard gateway,OTHER 2', 'accounts.setRecovery', { threshold: 2 }],
  ['key guard none 0', 'accounts.setRecovery', { guardians: [], threshold: 0 }],
  ['key approve OTHER VALIDATOR', 'accounts.approveRecovery', { account: OTHER, newKey: VALIDATOR }],
  ['key clear', 'accounts.clearKeyChange', { account: OWNER }],
  ['account close gateway', 'accounts.close', { beneficiary: GATEWAY }],
  [`multisig cancel OTHER ${ID}`, 'accounts.cancelMultisig', { multisig: OTHER, proposal: ID }],
  [`delegate reject owner gateway ${ID}`, 'accounts.rejectProxyCall', { delegate: GATEWAY, callHash: ID }],
  [
    `subkey run gateway accounts.transfer --value ${transfer}`,
    'accounts.spendAs',
    { owner: GATEWAY, call: { messageId: 1 } },
  ],
  ['channel open OTHER 5 --subnet 2', 'channels.open', { payee: OTHER, netuid: 2, deposit: '5000000000' }],
  [`channel top-up ${ID} 5`, 'channels.topUp', { channel: ID, amount: '5000000000' }],
  ['model retire me/maps', 'registry.retireModel', { model: ID }],
  [`model withdraw ${ID}`, 'registry.withdrawOffer', { offer: ID }],
];
const NAMES: Readonly<Record<string, string>> = { OTHER, GATEWAY, VALIDATOR };
const wordsOf = (text: string): string[] =>
  text.split(' ').map((word) => word.replace(/OTHER|GATEWAY|VALIDATOR/g, (name) => NAMES[name]!));

describe('verbs that send one message', () => {
  it.each(VERBS)('%s', async (text, message, value) => {
    await using node = await startFakeNode(rich);
    const words = wordsOf(text);
    const signed = [...words, '--wallet', 'owner', '--data', node.data];
    const dry = await run([...signed, '--dry-run']);
    expect(dry).toMatchObject({ exitCode: 0, err: '' });
    expect(dry.out).toContain(`\n  ${message} {`);
    expect(dry.out).toMatch(/\n {2}fee +\d/);
    const json = await run([...signed, '--dry-run', '--json']);
    expect(json.json()).toMatchObject({ message, value, from: OWNER, fee: expect.any(String), sent: false });
    expect(await run(signed)).toMatchObject({ exitCode: 2, out: '' });
    const declined = await run(signed, { answers: ['n'] });
    expect(declined).toMatchObject({ exitCode: 1, out: '' });
    expect(node.calls.some(({ method }) => method === 'node_send')).toBe(false);
    expect(await sentBy(node, words)).toMatchObject({ message, value });
    expect(node.calls.findLast(({ method }) => method === 'node_send')?.params).toMatchObject({
      value: json.json<{ value: object }>().value,
    });
  });

  it.each([
    ['stake move validator-1 validator-1 2', 2, 'Name two hotkeys'],
    ['stake move validator-1 OTHER 8', 1, 'At this hotkey are 7 CAIRN, less than 8 CAIRN'],
    ['stake move OTHER validator-1 all', 1, 'has no CAIRN at hotkey'],
    ['stake move validator-1 OTHER -2', 2, ''],
    ['stake send validator-1 owner 1', 2, 'yours already'],
    ['stake dividends validator-1 hold all', 2, 'to keep or to swap'],
    ['stake claim OTHER --subnet 2', 1, 'No tokens of subnet 2 are kept'],
    ['hotkey take validator-1 18.01%', 2, 'A take is at most 18 % here'],
    ['hotkey take validator-1 9.123%', 2, 'at most two decimals'],
    ['hotkey lend validator-1 --subnet 2 --to OTHER=60%,GATEWAY=60%', 2, 'add up to 120 %'],
    ['hotkey lend validator-1 --subnet 2 --to OTHER', 2, 'hotkey=percent'],
    ['hotkey add validator-1', 2, 'cannot sign here'],
    ['subnet cancel-dissolve 2', 1, 'Subnet 2 goes on'],
    ['subnet match 2', 1, 'Nobody wants its place'],
    ['subnet claim 7', 1, 'nothing to claim of subnet 7'],
    ['subnet set 2 tempo=4', 2, 'tempo is from 5 to 1000000000000 slots, not 4'],
    ['subnet set 2 tempi=4', 2, 'There is no hyperparameter tempi'],
    ['subnet set 2 tempo=5CAIRN', 2, 'tempo is given in slots'],
    ['subnet set 2 tempo=50,tempo=60', 2, 'Name each hyperparameter once'],
    ['proposal council 1 veto', 2, 'delay or cancel, not veto'],
    ['proposal confirm 1 2', 1, 'has milestones 0 to 1, not 2'],
    ['proposal claim 1 0', 1, 'is planned; only a confirmed one is paid'],
    ['proposal delegate owner', 2, 'Just vote'],
    ['key guard gateway 2', 2, '2 of 1 guardians cannot agree'],
    ['key guard gateway,gateway 2', 2, 'Name each guardian once'],
    ['key guard owner 1', 2, 'cannot guard itself'],
    ['account close owner', 2, 'Name another account'],
    [`multisig cancel OTHER ${'ab'.repeat(32)}`, 1, 'has no proposal'],
    ['channel open owner 5 --subnet 2', 2, 'another account as payee'],
    ['channel open OTHER 0 --subnet 2', 2, 'above zero'],
    ['model retire me/roads', 1, 'There is no model me/roads'],
  ])('refuses %s', async (text, exitCode, reason) => {
    await using node = await startFakeNode(rich);
    const words = [...wordsOf(text), '--wallet', 'owner', '--yes', '--json', '--data', node.data];
    const result = await run(words);
    expect(result.exitCode, result.out).toBe(exitCode);
    expect(result.json()).toMatchObject({ error: { code: expect.any(String) } });
    expect(result.err).toContain(reason);
    expect(node.calls.some(({ method }) => method === 'node_send')).toBe(false);
  });

  it('says what is kept back, for how long, and where it goes', async () => {
    await using node = await startFakeNode(rich);
    const dry = async (text: string) =>
      (await run([...wordsOf(text), '--wallet', 'owner', '--dry-run', '--data', node.data])).out;
    const moved = await dry('stake move validator-1 OTHER 2');
    // (80 + 96) and (72 + 96) bytes: a position, and what still answers for the hotkey it left.
    expect(moved).toMatch(/deposit +at most 0\.000344 CAIRN, refundable/);
    expect(moved).toMatch(/answers +for the hotkey it leaves, for 40 slots/);
    const ended = await dry('subnet dissolve 2');
    expect(ended).toMatch(/ends +about slot 150, in 50 slots/);
    expect(ended).toContain('400 tokens share 1000 CAIRN: now 2.5 CAIRN for one, whose price is 2 CAIRN');
    expect(await dry('stake claim validator-1 --subnet 2')).toContain('3 tokens, worth 6 CAIRN');
    expect(await dry('proposal undelegate')).toMatch(/locked +for 30 slots from now/);
    expect(await dry('hotkey lend validator-1 --subnet 2 --to none')).toContain(`50 % to ${OTHER}`);
  });

  it('claims all places of a dissolved subnet, one after another', async () => {
    await using node = await startFakeNode(rich);
    const words = ['subnet', 'claim', '2', '--wallet', 'owner', '--yes', '--json', '--data', node.data];
    const { json } = await run(words);
    expect(json()).toMatchObject({ claimed: '30', before: [{ value: { hotkey: null } }] });
    const sent = node.calls.filter(({ method }) => method === 'node_send').map(({ params }) => params);
    expect(sent).toMatchObject([{ value: { hotkey: null } }, { value: { hotkey: VALIDATOR } }]);
  });
});

describe('a subnet that is announced to end', () => {
  it('is kept by its owner, unless another wants its place', async () => {
    await using node = await startFakeNode(announced);
    expect(await sentBy(node, ['subnet', 'cancel-dissolve', '2'])).toMatchObject({
      message: 'subnets.cancelDissolve',
    });
    const again = ['subnet', 'dissolve', '2', '--wallet', 'owner', '--yes', '--data', node.data];
    expect(await run(again)).toMatchObject({ exitCode: 1 });
    await using other = await startFakeNode(challenged);
    const words = ['subnet', 'cancel-dissolve', '2', '--wallet', 'owner', '--yes', '--data', other.data];
    expect((await run(words)).err).toContain('Keep it with ./cairn subnet match 2');
  });

  it('is matched for what the challenger locked, which is shown', async () => {
    await using node = await startFakeNode(challenged);
    const words = ['subnet', 'match', '2'];
    const dry = await run([...words, '--wallet', 'owner', '--dry-run', '--data', node.data]);
    expect(dry.out).toMatch(/amount +1500 CAIRN/);
    expect(dry.out).toContain('from 1000 CAIRN to 2500 CAIRN; its price stays 2 CAIRN');
    expect(await sentBy(node, words)).toMatchObject({ value: { netuid: 2, limit: '1500000000000' } });
    const { out } = await run(['subnet', 'notices', '--data', node.data]);
    expect(out).toMatch(/ 2 +500 +.*wants its place for storms +1,500\.0000/);
  });
});

describe('what can be read', () => {
  it('shows a hotkey, and the hyperparameters of a subnet', async () => {
    await using node = await startFakeNode(rich);
    const shown = await run(['hotkey', 'show', 'validator-1', '--subnet', '2', '--data', node.data]);
    expect(shown.out).toMatch(/take +10 % of its stakers' dividends/);
    expect(shown.out).toContain(`50 % to ${OTHER}`);
    const listed = await run(['subnet', 'hyperparameters', '2', '--data', node.data]);
    expect(listed.out).toMatch(/burnMin +500000 +pebbles +0…1000000000000/);
  });

  it('takes no answer that is not one', async () => {
    const wrong: readonly [words: string, method: string][] = [
      ['status', 'emission_supply'],
      ['subnet list', 'subnets_list'],
      ['subnet notices', 'subnets_notices'],
      ['subnet hyperparameters 2', 'subnets_hyperparameters'],
      ['hotkey show validator-1', 'staking_hotkey'],
      ['proposal show 1', 'governance_proposal'],
      ['wallet balance owner', 'staking_unbonding'],
      ['wallet list', 'node_wallets'],
      [`tx show ${ID}`, 'chain_transaction'],
      ['block show', 'chain_block'],
      ['params', 'parameters_list'],
      ['account history owner', 'index_accountHistory'],
      ['audit --uid 0', 'node_audit'],
    ];
    for (const [text, method] of wrong) {
      await using node = await startFakeNode({
        ...rich,
        channels_list: page([]),
        node_channels: () => [],
        pools_list: () => [],
        subnets_claimable: () => [],
        [method]: () => ({ nothing: '\x1b[2J' }),
      });
      const result = await run([...text.split(' '), '--json', '--data', node.data]);
      expect(result.exitCode, text).toBe(1);
      expect(result.json(), text).toMatchObject({ error: { code: 'ANSWER_MALFORMED', method } });
    }
  });
});

describe('hotkeys of roles', () => {
  it('sign as role:validator-1, are listed, and never show their secret', async () => {
    const secret = new Uint8Array(32).fill(7);
    const submitted: string[] = [];
    const transaction = { id: ID, height: 9, fee: '1', events: [] };
    await using node = await startFakeNode({
      ...rich,
      chain_submit: (params: never) => {
        submitted.push((params as { transaction: string }).transaction);
        return { ok: true, id: ID };
      },
      chain_submitAndWait: () => ({ ok: true, transaction, problem: null }),
    });
    const { mkdir } = await import('node:fs/promises');
    const folder = join(node.data, 'keys', 'validator-1');
    await mkdir(folder, { recursive: true });
    const hex = Buffer.from(secret).toString('hex');
    await writeFile(join(folder, 'hotkey.key'), `${hex}\n`, { mode: 0o600 });
    const address = accountIdToAddress(accountOf(7));
    const signed = ['--wallet', 'role:validator-1', '--yes', '--json', '--data', node.data];
    const sent = await run(['key', 'clear', ...signed]);
    expect(sent.json()).toMatchObject({ from: address, value: { account: address }, sent: true });
    const { publicKey } = createEd25519Signer(secret);
    expect(submitted[0]).toContain(Buffer.from(publicKey).toString('hex'));
    const listed = await run(['wallet', 'list', '--json', '--data', node.data]);
    expect(listed.json<{ wallets: object[] }>().wallets).toContainEqual({
      ...{ name: 'role:validator-1', kind: 'role', address },
    });
    expect(`${sent.out}${sent.err}${listed.out}${listed.err}`).not.toContain(hex);
    for (const name of ['role:validator-9', 'role:../validator-1', 'role:']) {
      const none = await run(['key', 'clear', '--wallet', name, '--yes', '--json', '--data', node.data]);
      expect(none.json(), name).toMatchObject({ error: { code: 'WALLET_UNKNOWN' } });
    }
  });
});
