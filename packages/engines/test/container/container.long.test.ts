import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { aProgramImage, type BuiltImage, canRunImages } from '../image/image-parts.ts';
import { aHost, anOrder, ask, aTemporaryFolder, type HostOptions, TESTER } from './container-parts.ts';

const LABEL = { 'network.cairn.network': 'outbound' };

const podman = (...words: string[]): string => execFileSync('podman', words).toString();

async function aPrepared(image: BuiltImage, options: HostOptions = {}) {
  const folder = await aTemporaryFolder();
  const prepared = await aHost(folder, options).prepare(anOrder(image));
  return {
    folder,
    start: () => prepared.start(),
    [Symbol.asyncDispose]: () => prepared.release(),
  };
}

describe.runIf(canRunImages)('a container, at length', () => {
  let tester: BuiltImage;
  let built: (words: readonly string[], labels?: Record<string, string>) => Promise<BuiltImage>;

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cairn-oci-'));
    built = (words, Labels = {}) =>
      aProgramImage(TESTER, folder, {
        name: 'tester',
        settings: { Entrypoint: ['/tester'], Cmd: words, Labels },
      });
    tester = await built([]);
  });

  it.each([
    ['never answers', 'wait', { timeMs: 1_000 }, 'TIMED_OUT', /1000 ms/],
    ['works without end', 'spin', { maxWork: 300 }, 'WORK_EXCEEDED', /300 units/],
    ['answers too much', 'large', {}, 'OUTPUT_TOO_LARGE', /1048576 bytes/],
    ['prints without end', 'print', {}, 'OUTPUT_TOO_LARGE', /printed more/],
    ['ends by itself', 'crash', {}, 'CRASHED', /exit code 3/],
    ['is not paid', 'spin', { granted: 50, grant: async () => null }, 'CANCELLED', /ended/],
  ])('that %s is ended, and said to be', async (_, input, change, fault, message) => {
    await using image = await aPrepared(tester);
    await using instance = await image.start();
    const result = await ask(instance, input, change);
    expect(result).toMatchObject({ fault, message: expect.stringMatching(message) });
    expect(result.log.length).toBeLessThanOrEqual(16 * 1024);
    expect(instance.isAlive).toBe(false);
    await expect(ask(instance, 'echo')).rejects.toMatchObject({ code: 'SANDBOX_BUSY' });
  });

  it('stands still while its work is being paid for, and between calls', async () => {
    await using image = await aPrepared(tester);
    await using instance = await image.start();
    const paid = Promise.withResolvers<number>();
    const asked = Promise.withResolvers<number>();
    const grant = (work: number) => {
      asked.resolve(work);
      return paid.promise;
    };
    const burning = ask(instance, 'burn 600', { granted: 20, grant, timeMs: 5_000 });
    const first = await asked.promise;
    // Standing still for longer than the call may take counts neither as time nor as work.
    const [name] = await readdir(join(image.folder, 'containers'));
    const pid = podman('inspect', '--format', '{{.State.Pid}}', name!).trim();
    let [last, since] = ['', performance.now()];
    await expect
      .poll(
        () => {
          const used = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ').slice(13, 15).join(' ');
          if (used !== last) [last, since] = [used, performance.now()];
          return performance.now() - since;
        },
        { timeout: 60_000, interval: 100 },
      )
      .toBeGreaterThan(5_500);
    paid.resolve(60_000);
    const burnt = await burning;
    expect(burnt).toMatchObject({ fault: null, text: 'burnt' });
    expect(first).toBeLessThan(400);
    expect(burnt.work).toBeGreaterThan(first);
    expect(burnt.work).toBeLessThan(2_000);
  });

  it.each([
    ['ends before it asks for a call', ['leave'], 60_000, /exit code 3 .*I cannot work here/],
    ['asks for no call', ['silent'], 15_000, /no call within 15000 ms.*I ask for nothing/],
  ])('that %s is refused with the last it printed', async (_, words, startTimeoutMs, reason) => {
    await using image = await aPrepared(await built(words), { startTimeoutMs });
    await expect(image.start()).rejects.toMatchObject({
      code: 'IMAGE_REFUSED',
      message: expect.stringMatching(reason),
    });
    expect(await readdir(join(image.folder, 'containers'))).toEqual([]);
  });

  it('reaches the network when it asks for it and its provider allows it', async () => {
    await using image = await aPrepared(await built([], LABEL), { allowsNetwork: true });
    await using instance = await image.start();
    const { text } = await ask(instance, 'look', { timeMs: 300_000 });
    expect(Number(/^interfaces (\d+)$/m.exec(text)?.[1])).toBeGreaterThan(1);
  });

  it('is given notice, and time to finish its call, when its lease ends', async () => {
    await using image = await aPrepared(tester, { noticeMs: 500 });
    const instance = await image.start();
    const call = ask(instance, 'wait');
    await instance[Symbol.asyncDispose]();
    expect(await call).toMatchObject({ fault: 'CANCELLED' });
  });

  it('does not outlive a node that was cut short', async () => {
    const folder = await aTemporaryFolder();
    const prepared = await aHost(folder).prepare(anOrder(tester));
    const instance = await prepared.start();
    const [name] = await readdir(join(folder, 'containers'));
    const isThere = () => podman('ps', '--all', '--format', '{{.Names}}').includes(name!);
    expect(isThere()).toBe(true);
    // The next run of the same node.
    await aHost(folder).sweep();
    expect(isThere()).toBe(false);
    await instance[Symbol.asyncDispose]();
    await prepared.release();
  });

  it('runs beside others of the same image, and an image is loaded once', async () => {
    await using image = await aPrepared(tester);
    const instances = await Promise.all([image.start(), image.start(), image.start()]);
    const answers = await Promise.all(instances.map((instance, index) => ask(instance, `echo ${index}`)));
    expect(answers.map(({ text }) => text)).toEqual(['0', '1', '2']);
    await Promise.all(instances.map((instance) => instance[Symbol.asyncDispose]()));
  });
});
