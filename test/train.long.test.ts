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
  readonly rounds: readonly {
    readonly round: number;
    readonly isVoid: boolean;
    readonly accepted: number;
    readonly paid: string;
  }[];
}

describe('a model that is trained by processes that know one address', () => {
  let network: RunningNetwork;
  let run: string;
  const trainers: RunningNetwork[] = [];

  beforeAll(async () => {
    network = await startNetwork(await aFolder(), FAST);
  }, 180_000);
  afterAll(async () => {
    for (const trainer of trainers) await trainer[Symbol.asyncDispose]();
    await network[Symbol.asyncDispose]();
  });

  it('is paid for each round, released and exported', { timeout: 600_000 }, async () => {
    const created = await network.json<{ run: string; created: boolean }>(
      'train',
      'create',
      await aRecipeFile(),
      '--min-trainers',
      '2',
      '--round-slots',
      '150',
      '--yes',
    );
    expect(created.created).toBe(true);
    run = created.run;
    for (let index = 0; index < 2; index++)
      trainers.push(await startMember(await aFolder(), 'trainer', network.addresses[0]!, ['--run', run]));
    const whole = await eventually(async () => {
      const watched = await watch();
      const both = watched.rounds.filter(({ isVoid, accepted }) => !isVoid && accepted === 2);
      return watched.checkpointRound > 0 && both.length > 0 ? both : null;
    });
    expect(whole.every(({ paid }) => BigInt(paid) > 0n)).toBe(true);
    const out = await aFolder();
    await network.json('train', 'export', run, '--format', 'f32', '--out', out);
    expect(await readdir(out)).toEqual(expect.arrayContaining(['tiny-f32.gguf', 'model.safetensors']));
  });

  it('is found, served by a miner and answers, paid, within one minute of a release', {
    timeout: 600_000,
  }, async () => {
    const before = await releases();
    const released = await eventually(async () => {
      const later = (await releases()).filter((round) => !before.includes(round));
      return later.length > 0 ? performance.now() : null;
    });
    const offer = await eventually(async () => {
      const { models } = await network.json<{ models: { name: string; offers: number }[] }>(
        'model',
        'search',
        'tiny',
      );
      return models.find(({ name, offers }) => name === RECIPE.name && offers > 0) ?? null;
    });
    expect(offer.name).toBe(RECIPE.name);
    const { paid, answer } = await ask();
    const seconds = (performance.now() - released) / 1_000;
    console.log(`answered ${seconds.toFixed(1)} s after the release, for ${paid} pebbles`);
    expect(answer.usage.completion_tokens).toBeGreaterThan(0);
    expect(seconds).toBeLessThan(60);
  });

  it('goes on while a machine sleeps and when it wakes, and slashes nobody', {
    timeout: 900_000,
  }, async () => {
    const [sleeper] = trainers;
    const { round: before } = await watch();
    sleeper!.sleep();
    await eventually(async () => ((await watch()).round > before + 1 ? true : null));
    sleeper!.wake();
    const { round: woken } = await watch();
    await eventually(async () =>
      (await watch()).rounds.some(({ round, accepted }) => round > woken && accepted === 2) ? true : null,
    );
    const seats = await rpc<{ isConvicted: boolean }[]>('training_seats', { run });
    expect(seats.map(({ isConvicted }) => isConvicted)).toEqual([false, false]);
  });

  it('goes on from its checkpoint when all are killed in the middle of a round and others come', {
    timeout: 900_000,
  }, async () => {
    const training = () => rpc<{ run: { phase: string; round: number } }>('training_round', { run });
    await eventually(async () => ((await training()).run.phase === 'train' ? true : null));
    await Promise.all(trainers.map((trainer) => trainer.kill()));
    const { round: left, checkpointRound } = await watch();
    expect(checkpointRound).toBeGreaterThan(0);
    for (let index = 0; index < 2; index++)
      trainers.push(await startMember(await aFolder(), 'trainer', network.addresses[0]!, ['--run', run]));
    const back = await eventually(
      async () =>
        (await watch()).rounds.find(({ round, accepted }) => round > left && accepted === 2) ?? null,
    );
    console.log(`left in round ${left}, back in round ${back.round}`);
    expect(BigInt(back.paid)).toBeGreaterThan(0n);
  });

  const watch = () => network.json<Watched>('train', 'watch', run, '--once');

  async function rpc<T>(method: string, params: unknown): Promise<T> {
    const response = await fetch(`${network.url}/rpc`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    const { result, error } = (await response.json()) as { result: T; error?: unknown };
    expect(error).toBeUndefined();
    return result;
  }

  /** Rounds whose checkpoint is on the ledger. */
  const releases = async () =>
    (await rpc<{ round: number }[]>('training_checkpoints', { run })).map(({ round }) => round);

  /** A question to the released model; what its receipt and the payer's balance say of it. */
  async function ask() {
    const response = await fetch(`${network.url}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: RECIPE.name, prompt: 'the cat ', max_tokens: 8 }),
    });
    const answer = (await response.json()) as { usage: { completion_tokens: number } };
    expect(response.status, JSON.stringify(answer)).toBe(200);
    const id = response.headers.get('x-cairn-receipt')!;
    const provider = response.headers.get('x-cairn-provider')!;
    const paid = BigInt(Math.round(Number(response.headers.get('x-cairn-cost')) * 1e9));
    expect(paid).toBeGreaterThan(0n);
    const receipt = await (await fetch(`${network.url}/v1/receipts/${id}`)).text();
    expect(receipt).toContain(provider);
    return { paid, answer };
  }
});
