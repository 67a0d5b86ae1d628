import { bytesToHex, hexToBytes } from '@cairn/core';
import { createMemoryNetwork } from '@cairn/network';
import { BLOB_PROTOCOL, encodeBlobFrame, type RunReader, type RunView } from '@cairn/protocol';
import {
  createInitialWeights,
  encodePageList,
  listNameOf,
  listPages,
  modelTensors,
  openRunDesk,
  placePages,
  type RunCompute,
  type RunDesk,
  readPage,
  weightRootOf,
} from '@cairn/training';
import { describe, expect, it } from 'vitest';
import { serveBlobs } from '../../../src/blobs/serve-blobs.ts';
import { systemTimer } from '../../../src/real/timer.ts';
import { createCheckpointKeeper } from '../../../src/training/judge/keep-checkpoint.ts';
import { createDonorGate } from '../../../src/training/library/donor-gate.ts';
import { openLibrary } from '../../../src/training/library/library.ts';
import { fetchBlobs } from '../../../src/training/library/swarm.ts';
import type { RunThread } from '../../../src/training/run/run-thread-calls.ts';
import { aBlobStore, aRecordStore } from '../../data/parts.ts';
import { aLog, crypto } from '../../rpc/parts.ts';
import { aMadeRun } from './parts.ts';

const RUN = new Uint8Array(32).fill(7);

/** A run whose ledger has forgotten all rounds before its checkpoint, and of which nobody posted a list. */
async function aLateRun() {
  const { made, library: source } = await aMadeRun();
  const { manifest } = made;
  const table = modelTensors(manifest.model);
  const network = createMemoryNetwork();
  const log = aLog();
  /** Weights of a round, with their pages. */
  const weightsOf = (seed: number) => {
    const weights = createInitialWeights(crypto, new Uint8Array(32).fill(seed), table);
    const list = listPages(crypto, table, weights);
    const page = (index: number) => readPage(weights, placePages(table)[index]!).slice();
    return { root: bytesToHex(weightRootOf(crypto, list)), list, bytes: encodePageList(list), page };
  };
  const runAt = (round: number, checkpointRound: number, root: string) =>
    ({
      ...{ id: RUN, manifest: hexToBytes(made.id), manifestBytes: 65_536, parent: null, round },
      ...{ checkpointRound, checkpointRoot: hexToBytes(root), keptRound: checkpointRound, unvestedRound: 40 },
      phase: 'train',
      terms: {
        ...{ innerSteps: manifest.inner.steps, engine: manifest.engine },
        engineClass: manifest.engineClass,
      },
    }) as unknown as RunView;

  /** A machine at which these weights are computed. */
  async function machine(
    name: string,
    computed: readonly ReturnType<typeof weightsOf>[],
    { posted, paid }: { posted?: object; paid?: { round: number; newRoot: Uint8Array } } = {},
  ) {
    const library = openLibrary({ blobs: aBlobStore(), records: aRecordStore(), log });
    for (const id of source.blobsOf(made.id)) await library.put(made.id, (await source.get(id))!);
    const transport = network.join(name);
    serveBlobs({ transport, timer: systemTimer, log, find: (id) => library.getShown(id) });
    const known = new Map(computed.map((weights) => [weights.root, weights]));
    const asked: string[] = [];
    const loaded = new Set<string>();
    const compute = {
      has: async (root: string) => known.has(root) || loaded.has(root),
      list: async (root: string) => known.get(root)!.bytes,
      page: async (root: string, index: number) => known.get(root)!.page(index),
      async apply() {
        const root = bytesToHex(paid!.newRoot);
        loaded.add(root);
        return root;
      },
      async load(list: string) {
        const { root } = [...weights.values()].find(({ bytes }) => idOf(bytes) === list)!;
        loaded.add(root);
        return root;
      },
    } as unknown as RunCompute;
    const gate = createDonorGate();
    const desk = await openRunDesk(
      {
        ...{ crypto, library, log },
        ledger: {
          latestCheckpoint: async () => posted ?? null,
          paidRound: async (_: Uint8Array, round: number) => (round === paid?.round ? paid : null),
          cases: async () => [],
        } as unknown as RunReader,
        async fetch(holder, blobs, donors) {
          asked.push(...blobs.map(({ id }) => id));
          await fetchBlobs({ crypto, timer: systemTimer, transport, library, log, gate }, blobs, {
            ...{ run: holder, donors },
          });
        },
        openCompute: async () => compute,
      },
      runAt(40, 39, known.keys().next().value ?? '0'.repeat(64)),
    );
    asked.length = 0;
    return { library, desk, asked, name, transport };
  }
  const weights = new Map([1, 2, 3].map((seed) => [seed, weightsOf(seed)]));
  const idOf = (bytes: Uint8Array) => bytesToHex(crypto.sha256(bytes));
  const keep = async (desk: RunDesk, run: RunView) =>
    createCheckpointKeeper({ desk: desk as RunDesk<RunThread>, log })({ run, roster: [] });
  return { network, weights, machine, runAt, keep, idOf, log };
}

describe('a run whose owner is gone', () => {
  it('is begun from the ledger’s checkpoint by what a validator keeps of it', async () => {
    const { weights, machine, runAt, keep } = await aLateRun();
    const checkpoint = weights.get(1)!;
    const run = runAt(40, 39, checkpoint.root);
    const validator = await machine('validator', [checkpoint]);
    await keep(validator.desk, run);
    const newcomer = await machine('newcomer', []);
    await newcomer.desk.bring(run, run.checkpointRoot, [validator.name]);
    expect(await newcomer.desk.compute.has(checkpoint.root)).toBe(true);

    // Who began from it hands it on.
    const second = await machine('second', []);
    await second.desk.bring(run, run.checkpointRoot, [newcomer.name]);
    expect(await second.desk.compute.has(checkpoint.root)).toBe(true);
  });

  it('takes no list from a liar, and fetches no page that is on none', async () => {
    const { network, weights, machine, runAt, keep } = await aLateRun();
    const [checkpoint, other] = [weights.get(1)!, weights.get(2)!];
    const run = runAt(40, 39, checkpoint.root);
    const lie = (name: string, bytes: Uint8Array, announced = bytes.length) =>
      network.join(name).listen(BLOB_PROTOCOL, async (stream) => {
        await stream.read();
        await stream.write(encodeBlobFrame({ type: 'size', sizeBytes: announced }));
        await stream.write(encodeBlobFrame({ type: 'part', bytes }));
        await stream.closeWrite();
      });
    lie('other-weights', other.bytes);
    lie('junk', new Uint8Array(100).fill(9));
    lie('too-much', new Uint8Array(100), 2 ** 25);
    const liars = ['other-weights', 'junk', 'too-much'];
    const newcomer = await machine('newcomer', []);
    const name = listNameOf(run.checkpointRoot);
    await expect(newcomer.desk.bring(run, run.checkpointRoot, liars)).rejects.toMatchObject({
      code: 'WEIGHTS_OUT_OF_REACH',
    });
    expect(new Set(newcomer.asked)).toEqual(new Set([name]));
    expect(newcomer.library.has(name)).toBe(false);

    const validator = await machine('validator', [checkpoint]);
    await keep(validator.desk, run);
    await newcomer.desk.bring(run, run.checkpointRoot, [...liars, validator.name]);
    expect(await newcomer.desk.compute.has(checkpoint.root)).toBe(true);
  });

  it('is begun although what was posted is a list of other weights, or of nothing that anybody has', async () => {
    const { weights, machine, runAt, keep, idOf } = await aLateRun();
    const checkpoint = weights.get(1)!;
    const run = runAt(40, 39, checkpoint.root);
    const validator = await machine('validator', [checkpoint]);
    await keep(validator.desk, run);
    const wrong = weights.get(2)!.bytes;
    await validator.library.put('run', wrong);
    for (const [index, manifest] of [idOf(wrong), '5'.repeat(64)].entries()) {
      const posted = { round: 39, checkpoint: { root: run.checkpointRoot, manifest: hexToBytes(manifest) } };
      const newcomer = await machine(`newcomer-${index}`, [], { posted });
      await newcomer.desk.bring(run, run.checkpointRoot, [validator.name]);
      expect(await newcomer.desk.compute.has(checkpoint.root), manifest).toBe(true);
    }
  });

  it('is begun from an older checkpoint and the round since when nobody has what was posted last', async () => {
    const { weights, machine, runAt, keep } = await aLateRun();
    const [checkpoint, newest] = [weights.get(1)!, weights.get(2)!];
    const run = runAt(41, 39, checkpoint.root);
    const validator = await machine('validator', [checkpoint]);
    await keep(validator.desk, run);
    const newRoot = hexToBytes(newest.root);
    const posted = { round: 40, checkpoint: { root: newRoot, manifest: hexToBytes('5'.repeat(64)) } };
    const paid = { round: 40, baseRoot: run.checkpointRoot, newRoot, updates: [], lines: [] };
    const newcomer = await machine('newcomer', [], { posted, paid });
    await newcomer.desk.bring(run, newRoot, [validator.name]);
    expect(await newcomer.desk.compute.has(newest.root)).toBe(true);
    expect(newcomer.asked.filter((id) => id === '5'.repeat(64))).toHaveLength(1);
  });

  it('has its newest two checkpoints at a validator, and no older one', async () => {
    const { weights, machine, runAt, log } = await aLateRun();
    const all = [1, 2, 3].map((seed) => weights.get(seed)!);
    const { desk, library } = await machine('validator', all);
    const keeper = createCheckpointKeeper({ desk: desk as RunDesk<RunThread>, log });
    const isHere = async () =>
      Promise.all(
        all.map(async ({ root }) => (await library.getShown(listNameOf(hexToBytes(root)))) !== null),
      );
    await keeper({ run: runAt(40, 39, all[0]!.root), roster: [] });
    await keeper({ run: runAt(45, 44, all[1]!.root), roster: [] });
    expect(await isHere()).toEqual([true, true, false]);
    await keeper({ run: { ...runAt(50, 49, all[2]!.root), phase: 'settle' }, roster: [] });
    expect(await isHere(), 'not while validators are busy').toEqual([true, true, false]);
    await keeper({ run: runAt(50, 49, all[2]!.root), roster: [] });
    expect(await isHere()).toEqual([false, true, true]);
    const pagesOf = (index: number) => all[index]!.list.pages.map(bytesToHex);
    // What never changed is on every list.
    const needed = new Set([...pagesOf(1), ...pagesOf(2)]);
    const pages = pagesOf(0).filter((id) => library.has(id) && !needed.has(id));
    expect(pages).toEqual([]);
  });
});
