import { describe, expect, it } from 'vitest';
import { startFakeNode } from './fake-node.ts';
import { run } from './run.ts';

const ADDRESS = 'cairn1someone';
const PAGE = { descending: true, limit: 20 };

const flow = {
  height: 1_234,
  timeMs: 1_700_000_000_000,
  purse: 'free',
  token: 0,
  kind: 'transfer',
  amount: '-1500000000',
  balance: '8500000000',
  counterparty: 'cairn1other',
};

const status = {
  database: 'sqlite',
  place: '/data/index/index.db',
  chainId: '11',
  height: 40,
  chainHeight: 42,
  isFollowing: true,
  failure: null,
};

describe('commands that read the index', () => {
  it('shows what an account paid, newest first, and how to go on', async () => {
    await using node = await startFakeNode({ index_accountHistory: () => ({ flows: [flow], next: '77' }) });
    const { out, exitCode } = await run(['account', 'history', ADDRESS, '--data', node.data]);
    expect(exitCode).toBe(0);
    expect(out).toMatch(
      /1,234 {2}2023-11-14 22:13:20 UTC {2}transfer {2}free {3}CAIRN {2}-1\.500000000 {2}8\.500000000/,
    );
    expect(out).toContain('--after 77');
    expect(node.calls.at(-1)).toEqual({
      method: 'index_accountHistory',
      params: { address: ADDRESS, ...PAGE },
    });
  });

  it('passes the part of history on, and refuses what is no number', async () => {
    await using node = await startFakeNode({ index_accountHistory: () => ({ flows: [], next: null }) });
    const words = ['account', 'history', ADDRESS, '--data', node.data];
    await run([...words, '--from', '5', '--to', '9', '--limit', '3', '--after', '7', '--oldest', '--json']);
    expect(node.calls.at(-1)!.params).toEqual({
      address: ADDRESS,
      ...{ descending: false, limit: 3, from: 5, to: 9, after: '7' },
    });
    expect((await run([...words, '--from', 'five'])).exitCode).toBe(2);
  });

  it('shows events, prices and emission of a subnet', async () => {
    await using node = await startFakeNode({
      index_events: () => ({
        events: [{ name: 'yuma.epochRan', height: 20, data: { epoch: 3 } }],
        next: null,
      }),
      index_prices: () => ({ prices: [{ height: 7, timeMs: null, amount: '500000000' }], next: null }),
      index_emission: () => ({
        sums: [{ from: 1, to: 100, kinds: { owner: '1000000000', incentive: '2000000000' }, payments: 5 }],
        next: null,
      }),
    });
    const at = ['--data', node.data];
    expect((await run(['subnet', 'history', '1', '--names', 'yuma.*', ...at])).out).toContain(
      '20 yuma.epochRan',
    );
    expect(node.calls.at(-1)!.params).toEqual({ netuid: 1, names: ['yuma.*'], ...PAGE });
    expect((await run(['subnet', 'prices', '1', ...at])).out).toMatch(/7 .*0\.500000000/);
    expect((await run(['subnet', 'prices', '1', '--kind', 'tea', ...at])).exitCode).toBe(2);
    const emission = (await run(['subnet', 'emission', '1', ...at])).out;
    expect(emission).toMatch(/1–100 {2}.*2\.000000 {2}.*1\.000000/);
    expect((await run(['subnet', 'emission', '1', ...at, '--json'])).json()).toMatchObject({
      sums: [{ kinds: { owner: '1000000000' } }],
    });
  });

  it('shows how far the index is and why it stopped', async () => {
    const failure = { code: 'INDEX_WRONG_CHAIN', message: 'The index holds another chain.' };
    await using node = await startFakeNode({
      node_indexStatus: () => ({ ...status, isFollowing: false, failure }),
    });
    const { out } = await run(['index', 'status', '--data', node.data]);
    expect(out).toContain('block 40 of 42');
    expect(out).toContain('stopped');
    expect(out).toContain('another chain');
  });

  it('rebuilds only after a yes, and says what it would do in a dry run', async () => {
    await using node = await startFakeNode({
      node_indexStatus: () => status,
      node_rebuildIndex: () => ({ ...status, height: 0 }),
    });
    const rebuilds = () => node.calls.filter(({ method }) => method === 'node_rebuildIndex');
    const words = ['index', 'rebuild', '--height', '12', '--data', node.data];
    expect((await run([...words, '--dry-run'])).out).toContain('30 to index');
    expect((await run(words)).exitCode).toBe(2);
    expect(rebuilds()).toEqual([]);
    expect((await run([...words, '--yes', '--json'])).json()).toMatchObject({ done: true, height: 12 });
    expect(rebuilds()).toEqual([{ method: 'node_rebuildIndex', params: { height: 12 } }]);
  });
});
