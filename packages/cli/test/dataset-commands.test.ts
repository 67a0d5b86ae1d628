import { describe, expect, it, onTestFinished } from 'vitest';
import { startFakeNode } from './fake-node.ts';
import { run } from './run.ts';

const row = (name: string, digit: string, card: object = {}) => ({
  id: digit.repeat(64),
  owner: 'cairn1seller',
  card: {
    name,
    description: 'Rain by the hour',
    licence: 'CC-BY-4.0',
    tags: [],
    sizeBytes: '2000000',
    chunks: 8,
    root: 'ab'.repeat(32),
    sampleChunks: 2,
    pricePerChunk: '1000000',
    netuid: 0,
    peer: 'seller',
    ...card,
  },
});

/** A node that lists these data sets and says that it sells or buys whatever it is told. */
async function aNode(...rows: readonly object[]) {
  const node = await startFakeNode({
    datasets_list: ({ after }: { after: string | null }) => (after === null ? rows : []),
    datasets_get: () => rows[0] ?? null,
    node_retireDataset: ({ dataset }: { dataset: string }) => ({ dataset }),
    node_buyDataset: ({ from, to, count }: { from: number; to: number; count: number }) => {
      bought = Math.min(to, Math.max(bought, from) + count);
      return { dataset: '1'.repeat(64), done: bought - from, total: to - from, cost: '1000000' };
    },
  });
  let bought = 0;
  onTestFinished(() => node[Symbol.asyncDispose]());
  const steps = () => node.calls.filter(({ method }) => method === 'node_buyDataset');
  return { node, steps, cairn: (...words: string[]) => run([...words, '--data', node.data]) };
}

describe('cairn dataset buy', () => {
  it('says what it costs, the sample not counted, and does nothing in a dry run', async () => {
    const { cairn, steps } = await aNode(row('lab/rain', '1'));
    const shown = await cairn('dataset', 'buy', 'lab/rain', '--dry-run', '--json');
    expect(shown.json()).toMatchObject({ price: '6000000', from: 0, to: 8, bought: false });
    expect(steps()).toEqual([]);
  });

  it('takes steps until all is there, and never allows more than is left of the price', async () => {
    const { cairn, steps } = await aNode(row('lab/rain', '1', { chunks: 40, sizeBytes: '10000000' }));
    const done = await cairn('dataset', 'buy', 'lab/rain', '--yes', '--json');
    expect(done.json()).toMatchObject({ bought: true, cost: '3000000' });
    expect(steps().map(({ params }) => (params as { most: string }).most)).toEqual([
      '38000000',
      '37000000',
      '36000000',
    ]);
  });

  it.each([
    [['--most', '0.005'], 'cost 0.006 CAIRN'],
    [['--chunks', '7-9'], 'from 0 to 7'],
    [['--chunks', '3-2'], 'from 0 to 7'],
    [['--chunks', 'all'], 'from 0 to 7'],
    [['--sample', '--chunks', '1'], 'not both'],
  ])('refuses %j before it asks the node to buy', async (flags, said) => {
    const { cairn, steps } = await aNode(row('lab/rain', '1'));
    const refused = await cairn('dataset', 'buy', 'lab/rain', '--yes', ...flags);
    expect(refused.exitCode).toBe(2);
    expect(refused.err).toContain(said);
    expect(steps()).toEqual([]);
  });

  it('buys the sample alone, and single chunks', async () => {
    const { cairn, steps } = await aNode(row('lab/rain', '1'));
    await cairn('dataset', 'buy', 'lab/rain', '--sample', '--yes');
    expect(steps()[0]?.params).toMatchObject({ from: 0, to: 2, most: '0' });
    await cairn('dataset', 'buy', 'lab/rain', '--chunks', '5', '--yes');
    expect(steps()[1]?.params).toMatchObject({ from: 5, to: 6, most: '1000000' });
  });

  it('asks for the id when several are called the same', async () => {
    const { cairn } = await aNode(row('lab/rain', '1'), row('lab/rain', '2'));
    const refused = await cairn('dataset', 'buy', 'lab/rain', '--yes');
    expect(refused.exitCode).toBe(1);
    expect(refused.err).toContain('2'.repeat(64));
    expect((await cairn('dataset', 'show', '2'.repeat(64), '--json')).json()).toMatchObject({
      id: '2'.repeat(64),
    });
  });
});

describe('cairn dataset retire', () => {
  it('names the data set by its id to the node', async () => {
    const { cairn, node } = await aNode(row('lab/rain', '1'));
    await cairn('dataset', 'retire', 'lab/rain', '--yes');
    expect(node.calls.at(-1)).toMatchObject({
      method: 'node_retireDataset',
      params: { dataset: '1'.repeat(64) },
    });
  });
});
