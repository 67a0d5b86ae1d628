import { accountIdToAddress } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { type FakeMethods, startFakeNode } from './fake-node.ts';
import { run } from './run.ts';

const GATEWAY = 'cairn1gateway';
const MINER = 'cairn1miner';
const HOTKEY = accountIdToAddress(new Uint8Array(32).fill(5));

const status = {
  version: '0.0.0',
  pid: 7,
  uptimeMs: 65_000,
  data: '/data',
  url: 'http://localhost:8470',
  network: { name: 'cairn-local', kind: 'local', engine: 'solo', chainId: '11' },
  roles: [
    { name: 'miner-1', kind: 'miner', address: MINER, coldkey: 'cairn1cold', note: 'the default model' },
  ],
  residentBytes: 500_000_000,
};
const wallets = [
  { name: 'gateway', address: GATEWAY },
  { name: 'miner-1', address: MINER },
];
const base: FakeMethods = {
  node_status: () => status,
  node_wallets: () => wallets,
  node_channels: () => [{ channel: 'aa', settled: '300000000' }],
};

const neuron = {
  uid: 0,
  hotkey: MINER,
  coldkey: 'cairn1cold',
  stake: '0',
  active: true,
  permit: false,
  consensus: 32_768,
  incentive: 65_535,
  dividends: 0,
  trust: 0,
  emission: '4100000000',
  lastUpdateSlot: '10',
  registeredSlot: '1',
};
const subnet = {
  netuid: 1,
  name: 'crontab',
  owner: 'cairn1owner',
  locked: '1000000000',
  neuronCount: 1,
  price: '500000000',
  pending: '2500000000',
  epoch: 3,
  lastEpochSlot: '60',
  nextEpochSlot: '80',
  slot: '73',
  hyperparameters: {},
  mechanisms: [{ part: 65_535 }],
  announcedParts: [],
};

/** Answers the first page, then nothing. */
const page = (entries: unknown[]) => (params: never) =>
  (params as { after: unknown }).after === null ? entries : [];

const market = {
  netuid: 1,
  name: 'crontab',
  price: '1250000000',
  averagePrice: '1000000000',
  burnCost: '100',
  cairnReserve: '33000000000',
  tokenReserve: '26400000000',
  quoteWeight: '500000000000000000',
  outstanding: '5000000000',
  burned: '0',
  protocolTokens: '0',
  issuance: '31400000000',
  burnCaused: '0',
  userFlow: '0',
  protocolFlow: '0',
};

describe('commands that ask a node', () => {
  it('shows the node, its chain and its roles', async () => {
    const supply = { issuance: '1500000000000', cap: '21000000000000000', circulating: '0', staked: '0' };
    await using node = await startFakeNode({ ...base, emission_supply: () => supply });
    const { exitCode, out, err } = await run(['status', '--data', node.data]);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    expect(out).toContain('height    42');
    expect(out).toContain('1,500.000 of 21,000,000 CAIRN');
    expect(out).toContain('one operator signs every block');
    const json = (await run(['status', '--data', node.data, '--json'])).json();
    expect(json).toMatchObject({ node: status, chain: { height: 42 }, supply });
  });

  it('shows by which address others join, and nothing where nobody does', async () => {
    const supply = { issuance: '0', cap: '1', circulating: '0', staked: '0' };
    const shown = async (addresses?: readonly string[]) => {
      const node_status = () => ({ ...status, ...(addresses === undefined ? {} : { addresses }) });
      await using node = await startFakeNode({ ...base, emission_supply: () => supply, node_status });
      return (await run(['status', '--data', node.data])).out;
    };
    expect(await shown(['/ip4/1.2.3.4/tcp/1/p2p/12D3', '/ip4/1.2.3.4/udp/1'])).toContain(
      'join by   /ip4/1.2.3.4/tcp/1/p2p/12D3\n',
    );
    for (const none of [await shown([]), await shown()]) expect(none).not.toContain('join by');
  });

  it.each([
    [{ state: 'unknown' }, 'reached   not known yet'],
    [{ state: 'reachable', reached: ['/ip4/1.2.3.4/tcp/1'] }, 'reached   yes, at /ip4/1.2.3.4/tcp/1'],
    [
      { state: 'hidden', failed: ['/ip4/1.2.3.4/tcp/1'] },
      'no node can dial this one; others tried /ip4/1.2.3.4/tcp/1',
    ],
    [{ state: 'hidden', relays: ['12D3KooWrelay'] }, 'by a relay only (12D3KooWrelay)'],
    [
      { state: 'unknown', missing: [{ transport: 'quic', reason: 'no binary' }] },
      'missing   quic: no binary',
    ],
    [{ state: 'unknown', announced: ['/ip4/1.2.3.4/tcp/9'] }, 'announces  /ip4/1.2.3.4/tcp/9'],
    [{ state: 'unknown', scope: 'public' }, 'scope     public: dials no private address'],
    [{ state: 'unknown', relay: null }, 'relays    for nobody'],
    [
      { state: 'unknown', relay: { places: 32, held: 3, bytes: 64 * 2 ** 20, durationMs: 1_800_000 } },
      'relays    for 3 of at most 32 nodes that nobody can dial, 67.1 MB each way and 30 min a connection',
    ],
  ])('shows whether other nodes can dial it: %o', async (said, shown) => {
    const supply = { issuance: '0', cap: '1', circulating: '0', staked: '0' };
    const reach = { reached: [], failed: [], seen: [], relays: [], missing: [], ...said };
    await using node = await startFakeNode({
      ...base,
      emission_supply: () => supply,
      node_status: () => ({ ...status, reach }),
    });
    const { exitCode, out, err } = await run(['status', '--data', node.data]);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    expect(out).toContain(shown);
  });

  it('shows the neurons of a subnet by the names of their roles', async () => {
    await using node = await startFakeNode({
      ...base,
      subnets_metagraph: () => ({ subnet, neurons: [neuron] }),
      pools_get: () => market,
    });
    const { out } = await run(['subnet', 'show', '1', '--data', node.data]);
    expect(out).toContain('UID  NEURON   INCENTIVE');
    expect(out).toMatch(/ 0 {2}miner-1 {3}100\.00 % .* 4\.1000 .* the default model/);
    expect(out).toContain('the next in 7 slots');
    expect(out).toContain('1.2500 CAIRN, 1.0000 on average');
    const json = (await run(['subnet', 'show', '1', '--data', node.data, '--json'])).json();
    expect(json).toEqual({
      subnet,
      market,
      neurons: [{ ...neuron, name: 'miner-1', note: 'the default model' }],
    });
  });

  it('shows what each of several mechanisms gave', async () => {
    const [first, second] = [
      { incentive: 65_535, dividends: 0, trust: 0, emission: '3000000000' },
      { incentive: 0, dividends: 0, trust: 0, emission: '0' },
    ];
    const double = { ...subnet, mechanisms: [{ part: 49_151 }, { part: 16_384 }], announcedParts: [65_535] };
    await using node = await startFakeNode({
      ...base,
      subnets_metagraph: () => ({ subnet: double, neurons: [{ ...neuron, mechanisms: [first, second] }] }),
      pools_get: () => market,
    });
    const { out } = await run(['subnet', 'show', '1', '--data', node.data]);
    expect(out).toMatch(/mechanisms +75\.00 %, 25\.00 % of the emission; from the next epoch on 100\.00 %/);
    expect(out).toMatch(/MECHANISM {2}UID {2}NEURON .*\n +0 +0 {2}miner-1 +100\.00 % .* 3\.0000\n?$/);
  });

  it('says which subnet there is not', async () => {
    await using node = await startFakeNode({ ...base, subnets_metagraph: () => null, pools_get: () => null });
    const result = await run(['subnet', 'show', '7', '--data', node.data, '--json']);
    expect(result.exitCode).toBe(1);
    expect(result.json()).toMatchObject({ error: { code: 'NOT_FOUND' } });
  });

  it('adds up what an account has to spend, in channels by its own books, and staked', async () => {
    const position = { hotkey: HOTKEY, shares: '2', deposit: '100' };
    const channel = { netuid: 1, finalAt: '0', openedHeight: '1', live: '9', recordDeposit: '30000000' };
    const channels = [
      { ...channel, id: 'aa', payer: GATEWAY, payee: MINER, deposited: '1000000000', claimed: '250000000' },
      { ...channel, id: 'bb', payer: MINER, payee: GATEWAY, deposited: '5000000000', claimed: '0' },
    ];
    await using node = await startFakeNode({
      ...base,
      accounts_get: () => ({
        nonce: '4',
        spendable: '998000000001',
        deposit: '10000000',
        records: 9,
        isKeyChanged: false,
        isFrozen: false,
      }),
      channels_list: page(channels),
      staking_positions: page([{ ...position, amount: '2000000000' }]),
      pools_holdings: () => [{ netuid: 2, amount: '7000000000', deposit: '11200000' }],
      staking_tokenPositions: page([
        { ...position, netuid: 1, amount: '3000000000' },
        { ...position, netuid: 2, amount: '500000000' },
      ]),
      pools_list: () => [market],
      staking_unbonding: () => [
        { hotkey: HOTKEY, to: null, leftHeight: '3', amount: '400000000', left: '300000000', freeSlot: '90' },
        { hotkey: HOTKEY, to: HOTKEY, leftHeight: '4', amount: '9', left: '9', freeSlot: '91' },
      ],
      staking_rootClaims: () => [
        { hotkey: HOTKEY, amount: '600000000', claims: [{ netuid: 1, amount: '1000000000' }] },
      ],
      subnets_claimable: () => [{ netuid: 2, hotkey: null, amount: '50000000' }],
      governance_status: () => ({ slot: '80' }),
      governance_voter: () => ({
        delegation: null,
        lent: { capital: '0', weight: '0' },
        delegators: 0,
        locks: [{ hotkey: HOTKEY, shares: '1', holds: 0, untilSlot: '85', deposit: '16600000' }],
      }),
    });
    const json = (await run(['wallet', 'balance', '--data', node.data, '--json'])).json();
    expect(json).toEqual({
      name: 'gateway',
      address: GATEWAY,
      spendable: '998000000001',
      inChannels: '700000000',
      staked: '2000000000',
      kept: '600000000',
      unbonding: '300000000',
      dissolved: '50000000',
      total: '1001650000001',
      tokens: [
        {
          ...{ netuid: 1, held: '0', staked: '3000000000', claimable: '1000000000' },
          ...{ price: '1250000000', worth: '5000000000' },
        },
        {
          ...{ netuid: 2, held: '7000000000', staked: '500000000', claimable: '0' },
          ...{ price: null, worth: null },
        },
      ],
      // Of the account, a channel, three positions, a holding and a lock.
      deposits: '67800300',
      records: 9,
      slot: '80',
      departures: [{ hotkey: HOTKEY, amount: '300000000', freeSlot: '90' }],
      claims: [{ netuid: 2, hotkey: null, amount: '50000000' }],
      locks: [{ hotkey: HOTKEY, amount: '1000000000', votes: 0, untilSlot: '85' }],
    });
    const { out } = await run(['wallet', 'balance', '--data', node.data]);
    expect(out).toContain('spendable      998.000000001 CAIRN');
    expect(out).toContain('unbonding        0.300000000 CAIRN');
    expect(out).toContain(
      'deposits of the account and its channels, stake, tokens and votes: 0.067800300 CAIRN.',
    );
    expect(out).toContain('total        1,001.650000001 CAIRN');
    expect(out).toMatch(/tokens of subnet 1: .*1\.000000000 to claim; worth 5\.000000000 CAIRN/);
    expect(out).toMatch(/Unbonding from .*: 0\.3 CAIRN, paid from slot 90 on, in 10\./);
    expect(out).toMatch(/Locked at .*: 1 CAIRN behind 0 votes, free from slot 85 on, in 5\./);
    expect(out).toContain('tokens of subnet 2: 7.000000000 held, 0.500000000 staked');
  });

  it('follows a list over its pages', async () => {
    const offerPages: Record<string, unknown[]> = {
      null: [{ id: '01' }, { id: '02' }],
      '02': [{ id: '03' }],
      '03': [],
    };
    const channel = {
      payer: GATEWAY,
      payee: MINER,
      netuid: 1,
      deposited: '0',
      claimed: '0',
      finalAt: '0',
      live: '1',
      openedHeight: '1',
      recordDeposit: '0',
    };
    await using node = await startFakeNode({
      ...base,
      channels_list: (params: never) =>
        offerPages[String((params as { after: unknown }).after)]!.map((entry) => ({
          ...channel,
          ...(entry as object),
        })),
    });
    const { channels } = (await run(['channel', 'list', '--data', node.data, '--json'])).json<{
      channels: { id: string }[];
    }>();
    expect(channels.map(({ id }) => id)).toEqual(['01', '02', '03']);
  });

  it('shows a stranger’s text harmlessly', async () => {
    const hostile = { ...subnet, name: 'x\x1b[2J\x1b]0;owned\x07\u202e', owner: 'cairn1\x1b[31m' };
    await using node = await startFakeNode({
      ...base,
      subnets_list: () => ({ lockCost: '0', count: 1, subnets: [hostile] }),
      subnets_metagraph: () => ({ subnet: hostile, neurons: [{ ...neuron, hotkey: '\x1b[31mred' }] }),
      pools_get: () => market,
    });
    for (const words of [
      ['subnet', 'list'],
      ['subnet', 'show', '1'],
    ]) {
      const { out } = await run([...words, '--data', node.data]);
      expect(out, words.join(' ')).toContain('\\u{1b}[');
      expect(/[^\n\P{C}]/u.test(out), words.join(' ')).toBe(false);
    }
  });

  it('shows what a node refuses harmlessly too', async () => {
    await using node = await startFakeNode({
      ...base,
      subnets_metagraph: () => {
        throw new Error('no\x1b[31m');
      },
    });
    const result = await run(['subnet', 'show', '1', '--data', node.data]);
    expect(result).toMatchObject({ exitCode: 1, err: 'cairn: no\\u{1b}[31m\n' });
  });

  it('audits every validator that has set weights, and fails when one does not add up', async () => {
    const report = {
      ok: true,
      findings: [],
      unverified: [],
      tasks: 24,
      receipts: 96,
      derived: { scores: [1, 2] },
    };
    const bad = {
      ...report,
      ok: false,
      findings: [{ code: 'SCORE_MISMATCH', message: 'uid 3 scored 1, derived 0', uid: 3 }],
    };
    await using node = await startFakeNode({
      ...base,
      subnets_metagraph: () => ({
        neurons: [
          { uid: 0, weights: [[1, 2]] },
          { uid: 1, weights: [[1, 2]] },
          { uid: 2, weights: null },
        ],
      }),
      node_audit: (params: never) => ((params as { uid: number }).uid === 1 ? bad : report),
    });
    const good = await run(['audit', '--uid', '0', '--data', node.data]);
    expect(good.exitCode).toBe(0);
    expect(good.out).toContain('96 checked');
    const all = await run(['audit', '--data', node.data, '--json']);
    expect(all.exitCode).toBe(1);
    expect(all.json()).toMatchObject({ ok: false, netuid: 1, audits: [{ uid: 0 }, { uid: 1 }] });
  });
});
