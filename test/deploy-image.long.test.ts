import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aProgramImage, canRunImages, writeArchive } from '../packages/engines/test/image/image-parts.ts';
import { aFolder, type RunningNetwork, runCairn, startNetwork } from './support/running-network.ts';

interface Row {
  readonly name: string;
  readonly leases: readonly { readonly funds: string }[];
  readonly instances: { readonly busy: number; readonly ready: number } | null;
}

const SHOUT = new URL('../examples/functions/shout/main.go', import.meta.url);
const INPUT = 'to be or not to be '.repeat(40_000);

describe.runIf(canRunImages)('an image on a local network', () => {
  let network: RunningNetwork;
  let archive: string;

  beforeAll(async () => {
    const folder = await aFolder();
    archive = await writeArchive(folder, await aProgramImage(SHOUT, folder, { name: 'shout' }));
    network = await startNetwork(folder);
  });
  afterAll(() => network[Symbol.asyncDispose]());

  const deploy = (...words: string[]) =>
    runCairn(['deploy', archive, '--name', 'shout', '--data', network.data, '--yes', ...words]);
  const row = async (): Promise<Row> => {
    const { deployments } = await network.json<{ deployments: Row[] }>('deployment', 'list');
    return deployments.find(({ name }) => name === 'shout')!;
  };
  const there = async (): Promise<number> => {
    const { instances } = await row();
    return instances!.busy + instances!.ready;
  };

  it('is refused with the reason of the provider when it wants what there is not', async () => {
    const { code, stderr } = await deploy('--gpus', '99', '--max', '1');
    expect(code).toBe(1);
    expect(stderr).toMatch(/The provider of this node said: .*wants GPUs \(99\)/);
  });

  it('is deployed, goes from none to three containers and back to none, and is billed by its CPU time', async () => {
    const { code, stderr } = await deploy('--max', '3');
    expect([stderr, code]).toEqual([expect.stringContaining('image, '), 0]);
    await expect.poll(there, { timeout: 120_000 }).toBe(0);
    const call = async () => {
      const answer = await fetch(`${network.url}/fn/shout`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: INPUT,
      });
      expect(await answer.text()).toBe(INPUT.toUpperCase());
      return answer.headers;
    };
    // Once, so that the channel is open; then until three run at once.
    const answers = [await call()];
    while ((await there()) < 3) answers.push(...(await Promise.all(Array.from({ length: 12 }, call))));
    expect(answers.some((headers) => Number(headers.get('x-cairn-cold-start-ms')) > 0)).toBe(true);
    for (const headers of answers) {
      const [work, cost] = ['x-cairn-work', 'x-cairn-cost'].map((name) => Number(headers.get(name)));
      expect(work).toBeGreaterThan(0);
      // 100 pebbles a call, 10 for a KiB of input, 100 for a millisecond.
      const pebbles = 100 + 10 * Math.ceil(INPUT.length / 1024) + 100 * work!;
      expect(cost).toBeCloseTo(pebbles / 1e9, 12);
    }
    await expect.poll(there, { timeout: 180_000, interval: 1_000 }).toBe(0);
    expect(BigInt((await row()).leases[0]!.funds)).toBeLessThan(1_000_000_000n);
    const logs = await network.json<{ logs: string[] }>('deployment', 'logs', 'shout');
    expect(logs.logs.length).toBeGreaterThan(0);
    const stopped = await runCairn(['deployment', 'stop', 'shout', '--data', network.data, '--yes']);
    expect(stopped.code).toBe(0);
  });
});
