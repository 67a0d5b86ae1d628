import { accountIdToAddress } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { type FakeMethods, startFakeNode } from './fake-node.ts';
import { run } from './run.ts';

const OWNER = accountIdToAddress(new Uint8Array(32).fill(1));
const HOTKEY = accountIdToAddress(new Uint8Array(32).fill(2));
const OTHER = accountIdToAddress(new Uint8Array(32).fill(3));

const parameter = (name: string, value: string, unit: string, changedBy = 'governance') => ({
  name,
  value,
  unit,
  initial: value,
  min: '0',
  max: '1000000',
  source: 'own choice',
  changedBy,
  help: `What ${name} means.`,
});
const parameters = [
  parameter('feeBase', '10000', 'pebbles'),
  parameter('feePerByte', '100', 'pebbles per byte'),
  parameter('feePerWork', '10', 'pebbles per work unit'),
  parameter('slotMs', '1000', 'ms', 'genesis'),
  parameter('emissionShareRule', '1', 'version'),
];
const proposal = {
  id: 1,
  kind: 'parameter',
  proposer: OWNER,
  title: 'Lower fees',
  description: 'They are high.',
  changes: [{ name: 'feeBase', value: '5000' }],
  pause: null,
  grant: null,
  council: null,
  state: 'open',
  votingEndSlot: '90',
  enactSlot: '0',
  votesFor: { capital: '60000000000', weight: '600000000000' },
  votesAgainst: { capital: '30000000000', weight: '300000000000' },
  votes: 2,
  bond: '100000000000',
  quorum: '10000000000',
  approvalBps: '5000',
  wouldBe: 'approved',
};
const sent = {
  id: 'ab'.repeat(32),
  height: 43,
  index: 0,
  ok: true,
  problem: null,
  fee: '21000',
  bytes: '',
  events: [],
};
const methods: FakeMethods = {
  node_wallets: () => [{ name: 'owner', address: OWNER }],
  parameters_list: () => parameters,
  accounts_get: () => null,
  governance_status: () => ({
    treasury: '5000000000',
    council: { members: [OTHER], agreement: 1 },
    pauses: [{ module: 'channels', untilSlot: '99' }],
    agenda: 1,
    grants: 0,
    bond: '100000000000',
    staked: '100000000000',
    slot: '80',
  }),
  governance_proposals: ({ after }: { after: number | null }) => (after === null ? [proposal] : []),
  governance_proposal: ({ proposal: id }: { proposal: number }) => (id === 1 ? proposal : null),
  staking_positions: ({ after }: { after: string | null }) =>
    after === null
      ? [
          { hotkey: HOTKEY, amount: '7000000000', shares: '7', deposit: '1' },
          { hotkey: OTHER, amount: '8000000000', shares: '8', deposit: '1' },
        ]
      : [],
  staking_tokenPositions: () => [],
  node_send: () => sent,
};

const sentValues = (calls: readonly { readonly method: string; readonly params: unknown }[]) =>
  calls.filter(({ method }) => method === 'node_send').map(({ params }) => params);

describe('cairn params', () => {
  it('prints value, unit, bounds, source, who may change it and what it means', async () => {
    await using node = await startFakeNode(methods);
    const { exitCode, out } = await run(['params', '--data', node.data], { columns: 200 });
    expect(exitCode).toBe(0);
    expect(out).toMatch(/feeBase +10000 +pebbles +0…1000000 +governance +own choice +What feeBase means\./);
    expect(out).toMatch(/slotMs .* genesis /);
    const { json } = await run(['params', '--data', node.data, '--json']);
    expect(json()).toEqual({ parameters });
  });
});

describe('cairn proposal', () => {
  it('list shows how each vote stands, the treasury and what is paused', async () => {
    await using node = await startFakeNode(methods);
    const { out } = await run(['proposal', 'list', '--data', node.data], { columns: 200 });
    expect(out).toMatch(
      /1 +parameter +open +60\.0000 +10\.0000 +66\.6 % +Lower fees +10 slots of voting left/,
    );
    expect(out).toContain('Treasury 5 CAIRN');
    expect(out).toContain('Module channels is paused until slot 99');
    const { json } = await run(['proposal', 'list', '--data', node.data, '--json']);
    expect(json()).toMatchObject({ treasury: '5000000000', proposals: [{ id: 1 }] });
  });

  it('show says what it would do, and names one that there is not', async () => {
    await using node = await startFakeNode(methods);
    const { out } = await run(['proposal', 'show', '1', '--data', node.data], { columns: 200 });
    expect(out).toContain('feeBase to 5000');
    expect(out).toContain('more than 50 % of the votes');
    expect(out).toContain('They are high.');
    const unknown = await run(['proposal', 'show', '7', '--data', node.data, '--json']);
    expect(unknown.json()).toMatchObject({ error: { code: 'NOT_FOUND' } });
    expect(await run(['proposal', 'show', 'one', '--data', node.data])).toMatchObject({ exitCode: 2 });
  });

  it('create shows the bond and what changes, and sends the change after a yes', async () => {
    await using node = await startFakeNode(methods);
    const words = ['proposal', 'create', 'Lower fees', '--set', 'feeBase=5000', '--wallet', 'owner'];
    const dry = await run([...words, '--data', node.data, '--dry-run', '--json']);
    expect(dry.json()).toMatchObject({ message: 'governance.propose', amount: '100000000000', sent: false });
    const { err, exitCode } = await run([...words, '--data', node.data], { answers: ['y'] });
    expect(exitCode).toBe(0);
    expect(err).toContain('feeBase from 10000 to 5000 pebbles');
    expect(err).toContain('now 100 CAIRN, at most 101 CAIRN; lost only when most vote against');
    expect(sentValues(node.calls)).toMatchObject([
      {
        value: {
          kind: 'parameter',
          bondLimit: '101000000000',
          title: 'Lower fees',
          changes: [{ name: 'feeBase', value: '5000' }],
        },
      },
    ]);
  });

  it('create tells rule versions, pauses, grants and councils apart', async () => {
    await using node = await startFakeNode(methods);
    const create = (...words: string[]) =>
      run(['proposal', 'create', 'It', ...words, '--wallet', 'owner', '--yes', '--data', node.data]);
    await create('--set', 'emissionShareRule=1');
    await create('--pause', 'channels', '--slots', '20');
    await create('--grant', OTHER, '--milestone', '2.5:100', '1:200');
    await create('--council', OWNER, HOTKEY, OTHER, '--agreement', '2');
    expect(sentValues(node.calls)).toMatchObject([
      { value: { kind: 'ruleVersion', pause: null } },
      { value: { kind: 'pause', pause: { module: 'channels', slots: '20' }, changes: [] } },
      {
        value: {
          kind: 'grant',
          grant: {
            payee: OTHER,
            milestones: [
              { amount: '2500000000', deadlineSlot: '180' },
              { amount: '1000000000', deadlineSlot: '280' },
            ],
          },
        },
      },
      { value: { kind: 'council', council: { members: [OWNER, HOTKEY, OTHER], agreement: 2 } } },
    ]);
  });

  it.each([
    ['nothing', []],
    ['two things', ['--set', 'feeBase=1', '--pause', 'channels', '--slots', '1']],
    ['an unknown parameter', ['--set', 'fee=1']],
    ['a parameter of genesis', ['--set', 'slotMs=1']],
    ['a value that is no number', ['--set', 'feeBase=low']],
    ['a rule version with another parameter', ['--set', 'feeBase=1', 'emissionShareRule=1']],
    ['a pause without an end', ['--pause', 'channels']],
    ['a milestone without a deadline', ['--grant', OTHER, '--milestone', '5']],
  ])('create refuses %s', async (_, words) => {
    await using node = await startFakeNode(methods);
    const result = await run([
      'proposal',
      'create',
      'It',
      ...words,
      '--wallet',
      'owner',
      '--yes',
      '--data',
      node.data,
    ]);
    expect(result.exitCode).toBe(2);
    expect(sentValues(node.calls)).toEqual([]);
  });

  it('vote names all stake of the wallet, or what it is told', async () => {
    await using node = await startFakeNode(methods);
    const vote = (...words: string[]) =>
      run(['proposal', 'vote', ...words, '--wallet', 'owner', '--yes', '--data', node.data]);
    const { err } = await vote('1', 'for', '--conviction', '2');
    expect(err).toContain('15 CAIRN at 2 hotkeys');
    expect(err).toContain('locked for 2 periods');
    await vote('1', 'against', '--hotkey', HOTKEY);
    expect(sentValues(node.calls)).toMatchObject([
      { value: { proposal: 1, side: 'for', conviction: 2, hotkeys: [OTHER, HOTKEY] } },
      { value: { proposal: 1, side: 'against', conviction: 0, hotkeys: [HOTKEY] } },
    ]);
    expect(await vote('1', 'maybe')).toMatchObject({ exitCode: 2 });
    expect(await vote('1', 'for', '--conviction', '7')).toMatchObject({ exitCode: 2 });
    expect(await vote('1', 'for', '--hotkey', OWNER)).toMatchObject({ exitCode: 2 });
  });

  it('withdraw takes the vote of the wallet back', async () => {
    await using node = await startFakeNode(methods);
    const result = await run([
      'proposal',
      'withdraw',
      '1',
      '--wallet',
      'owner',
      '--yes',
      '--data',
      node.data,
    ]);
    expect(result.err).toContain('it counts no more');
    expect(sentValues(node.calls)).toEqual([
      { wallet: 'owner', message: 'governance.withdrawVote', value: { proposal: 1, voter: null } },
    ]);
  });
});
