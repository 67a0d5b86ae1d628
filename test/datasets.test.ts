import { randomBytes } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aFolder, type RunningNetwork, startMember, startNetwork } from './support/running-network.ts';

const FAST = ['--block-ms', '200', '--slot-ms', '200', '--tempo', '50', '--tasks', '4'];
const CHUNK = 262_144;
const CHUNKS = 16;
const PRICE = 1_000_000n;

interface Step {
  readonly done: number;
  readonly total: number;
  readonly cost: string;
}

/** A network that sells a file, and a buyer in a process of its own, over libp2p on loopback. */
describe('a data set between two processes', () => {
  let seller: RunningNetwork;
  let buyer: RunningNetwork;
  let folder: string;
  const data = randomBytes(CHUNKS * CHUNK - 5);

  const startBuyer = async (home: string) => startMember(home, 'gateway', seller.addresses[0]!);

  beforeAll(async () => {
    folder = await aFolder();
    await writeFile(join(folder, 'source.bin'), data);
    seller = await startNetwork(await aFolder(), FAST);
    buyer = await startBuyer(await aFolder());
  }, 180_000);
  afterAll(async () => {
    for (const process of [buyer, seller]) await process?.[Symbol.asyncDispose]();
  });

  /** What the seller holds receipts for, in pebbles. */
  const settled = async () => {
    const channels = await buyer.control<{ settled: string }[]>('node_channels', {});
    return channels.reduce((sum, channel) => sum + BigInt(channel.settled), 0n);
  };
  const buyStep = (path: string, count: number) =>
    buyer.control<Step>('node_buyDataset', {
      dataset: 'lab/noise',
      path,
      count,
      most: (PRICE * BigInt(CHUNKS)).toString(),
    });

  it('is listed by one command and found by another', async () => {
    const published = await seller.json<{ dataset: string; chunks: number }>(
      ...['dataset', 'publish', join(folder, 'source.bin'), '--name', 'lab/noise', '--licence', 'CC0-1.0'],
      ...['--price', '0.001', '--sample', '2', '--tag', 'noise', '--yes'],
    );
    expect(published.chunks).toBe(CHUNKS);
    const { datasets } = await buyer.json<{ datasets: { id: string }[] }>('dataset', 'search', 'noise');
    expect(datasets).toMatchObject([{ id: published.dataset, licence: 'CC0-1.0', sampleChunks: 2 }]);
    expect(await buyer.json('dataset', 'show', 'lab/noise')).toMatchObject({ id: published.dataset });
  }, 60_000);

  it('gives its sample for nothing', async () => {
    const out = join(folder, 'sample.bin');
    const bought = await buyer.json<{ cost: string }>(
      ...['dataset', 'buy', 'lab/noise', '--sample', '--out', out, '--yes'],
    );
    expect(bought.cost).toBe('0');
    expect((await readFile(out)).equals(data.subarray(0, 2 * CHUNK))).toBe(true);
  }, 60_000);

  it('comes whole and is paid once, however often either side is killed', async () => {
    const out = join(folder, 'bought.bin');
    const victims = ['buyer', 'seller'] as const;
    await buyStep(out, 3);
    for (const victim of victims) {
      // Its step is under way when it dies: how far it came is chance.
      const before = (await stat(`${out}.part`)).mtimeMs;
      const step = buyStep(out, 5).catch(() => null);
      await expect
        .poll(async () => (await stat(`${out}.part`)).mtimeMs > before, { interval: 2, timeout: 30_000 })
        .toBe(true);
      if (victim === 'buyer') {
        await buyer.kill();
        await step;
        buyer = await startBuyer(buyer.data);
      } else {
        await seller.kill();
        await step;
        seller = await startNetwork(seller.data, [...FAST, '--p2p-listen', listenOf(seller)]);
        await buyer.kill();
        buyer = await startBuyer(buyer.data);
      }
    }
    for (let more = true; more; ) {
      const { done, total } = await buyStep(out, 8);
      more = done < total;
    }
    expect((await readFile(out)).equals(data)).toBe(true);
    expect(await settled()).toBeLessThanOrEqual(PRICE * BigInt(CHUNKS - 2));
    // What died between its promise and its receipt is one chunk for each kill of the seller.
    expect(await settled()).toBeGreaterThanOrEqual(PRICE * BigInt(CHUNKS - 2 - victims.length));
  }, 240_000);

  it('is sold no more once it is retired', async () => {
    await seller.json('dataset', 'retire', 'lab/noise', '--yes');
    await expect(buyStep(join(folder, 'late.bin'), 1)).rejects.toThrow(/No data set is called lab\/noise/);
  }, 60_000);
});

/** The port of a node: it comes back where its peers look for it. */
const listenOf = ({ addresses }: RunningNetwork): string => {
  const [, host, port] = /\/ip4\/([^/]+)\/tcp\/(\d+)/.exec(addresses[0]!) ?? [];
  return `${host}:${port}`;
};
