/** The thread of a run: its computations, away from what a node has to answer meanwhile. */
import { join } from 'node:path';
import { createNativeCrypto } from '@cairn/chain';
import { bytesToHex, bytesToUtf8 } from '@cairn/core';
import {
  type ComparePlace,
  createRelease,
  type MeasureUpdates,
  type OpenedCompute,
  type OpenedRun,
  openRunCompute,
  parseTokenizerJson,
  type RoundUpdates,
  type TrainPlace,
} from '@cairn/training';
import { createHashingThread } from '@cairn/training/node';
import { createFileBlobStore } from '../../data/blob-store.ts';
import { writeFileDurably } from '../../data/durable-file.ts';
import { systemClock } from '../../real/clock.ts';
import { serveThread } from '../thread/serve-thread.ts';
import { openChosenEngine, openSecondEngine } from './engine-choice.ts';
import { movedBuffers } from './moved-buffers.ts';
import type { OpenRun, ReleaseCheckpoint, ReleasedCheckpoint } from './run-thread-shapes.ts';

const crypto = createNativeCrypto();
const hasher = createHashingThread();

let compute: OpenedCompute | null = null;
let read: (id: string) => Promise<Uint8Array | null> = async () => null;

function run(): OpenedCompute {
  if (compute === null) throw new Error('The run is not open.');
  return compute;
}

async function open({ folder, manifest, states, choice = {} }: OpenRun): Promise<OpenedRun> {
  const blobs = createFileBlobStore(folder);
  read = (id) => blobs.get(id);
  await compute?.[Symbol.asyncDispose]();
  compute = await openRunCompute(
    {
      ...{ crypto, clock: systemClock, hasher, read, turn: () => thread.turn() },
      openEngine: (plan) => openChosenEngine(plan, choice),
      openSecond: (plan) => openSecondEngine(plan, choice),
    },
    { manifest, states },
  );
  return compute.opened;
}

async function readBlob(id: string): Promise<Uint8Array> {
  const bytes = await read(id);
  if (bytes === null) throw new Error(`Blob ${id} is not in the library.`);
  return bytes;
}

async function release({ root, folder, facts, types }: ReleaseCheckpoint): Promise<ReleasedCheckpoint> {
  const { plan, stateOf } = run();
  const { files, card } = await createRelease(
    { crypto, keep: (path, bytes) => writeFileDurably(join(folder, path), bytes) },
    {
      ...{ facts, types },
      weights: stateOf(root).state.weights,
      tokenizer: parseTokenizerJson(bytesToUtf8(await readBlob(bytesToHex(plan.manifest.tokenizer)))),
    },
  );
  const { path, sha256 } = files.find(({ format }) => format === 'gguf')!;
  return {
    card,
    files: files.map((file) => ({ path: file.path, sizeBytes: file.sizeBytes, sha256: file.sha256 })),
    gguf: { path, sha256 },
  };
}

const thread = serveThread(
  {
    open: async (given: OpenRun) => ({ answer: await open(given) }),
    has: async ({ root }: { root: string }) => ({ answer: await run().has(root) }),
    start: async ({ seed }: { seed: number }) => ({ answer: await run().start(seed) }),
    load: async ({ list }: { list: string }) => ({ answer: await run().load(list) }),
    check: async (given: RoundUpdates) => ({ answer: await run().check(given) }),
    apply: async (given: RoundUpdates) => ({ answer: await run().apply(given) }),
    measure: async (given: MeasureUpdates) => ({ answer: await run().measure(given) }),
    train: async (given: TrainPlace, { isStopped, progress }) => {
      const answer = await run().trainUntil(given, isStopped, progress);
      return { answer, moved: movedBuffers(answer) };
    },
    compare: async (given: ComparePlace, { isStopped }) => ({
      answer: await run().compareUntil(given, isStopped),
    }),
    rehearse: async ({ base }: { base: string }) => ({ answer: await run().rehearse(base) }),
    loss: async ({ root }: { root: string }) => ({ answer: await run().loss(root) }),
    release: async (given: ReleaseCheckpoint) => ({ answer: await release(given) }),
    list: async ({ root }: { root: string }) => ({ answer: await run().list(root) }),
    page: async ({ root, index }: { root: string; index: number }) => ({
      answer: await run().page(root, index),
    }),
  },
  {
    async close() {
      await compute?.[Symbol.asyncDispose]();
      await hasher[Symbol.asyncDispose]();
    },
  },
);
