import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  aFolder,
  eventually,
  type RunningNetwork,
  startMember,
  startNetwork,
} from './support/running-network.ts';

const FLAGS = ['--block-ms', '200', '--slot-ms', '200', '--tempo', '60', '--tasks', '4'];

const PARENT = {
  name: 'test/parent',
  model: { layers: 1, width: 32, heads: 2, hidden: 64, context: 64 },
  tokenizer: { kind: 'characters' },
  data: [{ path: 'cats', kind: 'text', licence: 'CC-BY-4.0' }],
  heldOutPermille: 100,
  batch: { rows: 4, length: 16 },
  inner: { steps: 4, learningRate: 0.01, schedule: 'constant' },
  outer: { kind: 'sparse', k: 256, block: 4096, decay: 0.95, learningRate: 1 },
  rounds: 100,
  checkpointEvery: 2,
  release: { licence: 'CC-BY-SA-4.0', royaltyBps: 500, files: ['f32'] },
};
/** Model and tokenizer are the parent's. */
const FORK = {
  name: 'test/fork',
  data: [{ path: 'dogs', kind: 'text', licence: 'CC0-1.0' }],
  heldOutPermille: 100,
  batch: { rows: 2, length: 32 },
  inner: { steps: 3, learningRate: 0.005, schedule: 'constant' },
  outer: { kind: 'sparse', k: 128, block: 4096, decay: 0.9, learningRate: 1 },
  rounds: 100,
  checkpointEvery: 1,
  release: { licence: 'CC-BY-SA-4.0', royaltyBps: 100, files: ['f32'] },
};

describe('a run that goes on from a released checkpoint', () => {
  const running: RunningNetwork[] = [];
  afterAll(async () => {
    for (const each of running.reverse()) await each[Symbol.asyncDispose]();
  });

  it('is trained on other data, released with its lineage, and its paid answers pay the parent', {
    timeout: 1_200_000,
  }, async () => {
    const network = await startNetwork(await aFolder(), FLAGS);
    running.push(network);
    const folder = await someTexts();
    const create = async (name: string, recipe: object) => {
      const path = join(folder, name);
      await writeFile(path, JSON.stringify(recipe));
      return network.json<{ run: string; parent: object | null }>(
        ...['train', 'create', path, '--round-slots', '150', '--yes'],
      );
    };
    const parent = await create('parent.json', PARENT);
    const first = await startMember(await aFolder(), 'trainer', network.addresses[0]!, ['--run', parent.run]);
    const released = await eventually(async () => (await modelNamed(PARENT.name)) ?? null);
    await first[Symbol.asyncDispose]();
    const round = Number(released.version.slice(1));

    const fork = await create('fork.json', { ...FORK, parent: { run: parent.run, round } });
    expect(fork.parent).toMatchObject({ run: parent.run, round, model: released.id, royaltyBps: 500 });
    const status = await network.json<{ root: string; parent: object; parentModel: string }>(
      ...['train', 'status', fork.run],
    );
    const [checkpoint] = (
      await rpc<{ round: number; root: string }[]>('training_checkpoints', { run: parent.run })
    ).filter((posted) => posted.round === round);
    expect(status).toMatchObject({
      ...{ root: checkpoint!.root, parent: { run: parent.run, round }, parentModel: released.id },
    });
    const second = await startMember(await aFolder(), 'trainer', network.addresses[0]!, ['--run', fork.run]);
    const child = await eventually(async () => (await modelNamed(FORK.name)) ?? null);
    await second[Symbol.asyncDispose]();
    expect(child.parents).toEqual([released.id]);
    const lineage = await network.json<{ ancestors: { model: string; licence: string }[] }>(
      ...['model', 'lineage', FORK.name],
    );
    expect(lineage.ancestors).toMatchObject([{ model: released.id, licence: 'CC-BY-SA-4.0' }]);
    const readme = await readFile(
      join(network.data, 'training', 'releases', fork.run, child.version.slice(1), 'README.md'),
      'utf8',
    );
    expect(readme).toContain(`after round ${round} of run \`${parent.run}\``);
    expect(readme, 'what the parent was trained on').toMatch(/- cats: \d+ tokens, CC-BY-4\.0/);

    // A gateway hears of a model a while after the ledger.
    const cost = await eventually(async () => {
      const response = await fetch(`${network.url}/v1/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: FORK.name, prompt: 'the dog ', max_tokens: 16 }),
      });
      await response.text();
      return response.status === 200 ? response.headers.get('x-cairn-cost') : null;
    });
    const paid = await eventually(async () => {
      const { events } = await rpc<{ events: { data: { model: string; amount: string } }[] }>(
        'index_events',
        {
          names: ['channels.royaltyPaid'],
        },
      );
      return events.find(({ data }) => data.model === released.id)?.data ?? null;
    });
    console.log(`the parent got ${paid.amount} pebbles of ${cost} CAIRN`);
    expect(BigInt(paid.amount)).toBeGreaterThan(0n);
  });

  async function rpc<T>(method: string, params: unknown): Promise<T> {
    const response = await fetch(`${running[0]!.url}/rpc`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
    const { result, error } = (await response.json()) as { result: T; error?: unknown };
    expect(error).toBeUndefined();
    return result;
  }

  const modelNamed = (name: string) =>
    rpc<{ id: string; version: string; parents: string[] } | null>('registry_modelByName', { name });
});

/** Two folders of texts in the same letters. */
async function someTexts(): Promise<string> {
  const folder = await aFolder();
  for (const animal of ['cats', 'dogs']) {
    await mkdir(join(folder, animal));
    for (let file = 0; file < 40; file++) {
      const lines = Array.from({ length: 10 }, (_, line) => {
        const [own, other] = animal === 'cats' ? ['cat', 'dog'] : ['dog', 'cat'];
        return `the ${own} ${file} sat on the mat ${line * file} and saw a ${other}.\n`;
      });
      await writeFile(join(folder, animal, `${file}.txt`), lines.join(''));
    }
  }
  return folder;
}
