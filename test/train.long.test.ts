import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  aFolder,
  eventually,
  type RunningNetwork,
  startMember,
  startNetwork,
} from './support/running-network.ts';

const FAST = ['--block-ms', '200', '--slot-ms', '200', '--tempo', '60', '--tasks', '4'];

/** A model so small that a round of it takes no time. */
const RECIPE = {
  name: 'test/tiny',
  model: { layers: 1, width: 32, heads: 2, hidden: 64, context: 64 },
  tokenizer: { kind: 'characters' },
  data: [{ path: 'texts', kind: 'text', licence: 'CC0-1.0' }],
  heldOutPermille: 100,
  batch: { rows: 4, length: 16 },
  inner: { steps: 4, learningRate: 0.01, schedule: 'constant' },
  outer: { kind: 'sparse', k: 256, block: 4096, decay: 0.95, learningRate: 1 },
  rounds: 100,
  checkpointEvery: 2,
  release: { licence: 'Apache-2.0' },
};

async function aRecipeFile(): Promise<string> {
  const folder = await aFolder();
  await mkdir(join(folder, 'texts'));
  for (let file = 0; file < 40; file++) {
    const lines = Array.from({ length: 10 }, (_, line) => `the cat ${file} sat on the mat ${line * file}.\n`);
    await writeFile(join(folder, 'texts', `${file}.txt`), lines.join(''));
  }
  await writeFile(join(folder, 'recipe.json'), JSON.stringify(RECIPE));
  return join(folder, 'recipe.json');
}

interface Watched {
  readonly round: number;
  readonly checkpointRound: number;
  readonly rounds: readonly { readonly isVoid: boolean; readonly accepted: number; readonly paid: string }[];
}

describe('a model that is trained by processes that know one address', () => {
  let network: RunningNetwork;
  const trainers: RunningNetwork[] = [];

  beforeAll(async () => {
    network = await startNetwork(await aFolder(), FAST);
  }, 180_000);
  afterAll(async () => {
    for (const trainer of trainers) await trainer[Symbol.asyncDispose]();
    await network[Symbol.asyncDispose]();
  });

  it('is paid for each round, released, found, served and exported', { timeout: 600_000 }, async () => {
    const created = await network.json<{ run: string; created: boolean }>(
      'train',
      'create',
      await aRecipeFile(),
      '--min-trainers',
      '2',
      '--yes',
    );
    expect(created.created).toBe(true);
    for (let index = 0; index < 2; index++)
      trainers.push(
        await startMember(await aFolder(), 'trainer', network.addresses[0]!, ['--run', created.run]),
      );
    const seen = await eventually(async () => {
      const watched = await network.json<Watched>('train', 'watch', created.run, '--once');
      return watched.checkpointRound > 0 ? watched : null;
    });
    const whole = seen.rounds.filter(({ isVoid, accepted }) => !isVoid && accepted === 2);
    expect(whole.length).toBeGreaterThan(0);
    expect(whole.every(({ paid }) => BigInt(paid) > 0n)).toBe(true);
    await eventually(async () => {
      const { models } = await network.json<{ models: { name: string; offers: number }[] }>(
        'model',
        'search',
        'tiny',
      );
      return models.find(({ name }) => name === RECIPE.name) ?? null;
    });
    const out = await aFolder();
    await network.json('train', 'export', created.run, '--format', 'f32', '--out', out);
    expect(await readdir(out)).toEqual(expect.arrayContaining(['tiny-f32.gguf', 'model.safetensors']));
  });
});
