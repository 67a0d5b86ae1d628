import { join } from 'node:path';
import { createNativeCrypto } from '@cairn/chain';
import { bytesToHex, bytesToUtf8 } from '@cairn/core';
import { decodeRunManifest, findManifestFault, type TrainingEngine } from '@cairn/protocol';
import {
  assembleWeights,
  countParameters,
  createExactEngine,
  createRelease,
  createRunMachine,
  decodePageList,
  encodePageList,
  initialState,
  listPages,
  listStatePages,
  openRunData,
  parseTokenizerJson,
  placePages,
  planOf,
  progressFromBytes,
  progressToBytes,
  type RootedState,
  type RunMachine,
  type RunPlan,
  readPage,
  stateTensors,
  stateToTensors,
  tensorsToState,
  tensorsToUnits,
  unitsToTensors,
} from '@cairn/training';
import { createNativeEngine, loadExactParts } from '@cairn/training/node';
import { createFileBlobStore } from '../../data/blob-store.ts';
import { writeFileDurably } from '../../data/durable-file.ts';
import { systemClock } from '../../real/clock.ts';
import { serveThread, type ThreadContext } from '../thread/serve-thread.ts';
import type {
  MeasureUpdates,
  OpenedRun,
  OpenRun,
  PausedPlace,
  ReleaseCheckpoint,
  ReleasedCheckpoint,
  RoundUpdates,
  StepProgress,
  TrainedPlace,
  TrainPlace,
} from './run-thread-shapes.ts';

const crypto = createNativeCrypto();

interface Opened {
  readonly machine: RunMachine;
  readonly plan: RunPlan;
  /** By root in hex, the latest used last. */
  readonly states: Map<string, RootedState>;
  readonly mostStates: number;
  read(id: string): Promise<Uint8Array>;
}

let opened: Opened | null = null;

function run(): Opened {
  if (opened === null) throw new Error('The run is not open.');
  return opened;
}

async function open({ folder, manifest: id, states }: OpenRun): Promise<OpenedRun> {
  const blobs = createFileBlobStore(folder);
  const read = async (blob: string): Promise<Uint8Array> => {
    const bytes = await blobs.get(blob);
    if (bytes === null) throw new Error(`Blob ${blob} is not in the library.`);
    return bytes;
  };
  const manifest = decodeRunManifest(await read(id));
  const fault = findManifestFault(manifest);
  if (fault !== null) throw new Error(`The manifest is at fault: ${fault}.`);
  const plan = planOf(manifest);
  const engine = await openEngine(plan);
  const data = await openRunData(manifest, { crypto, read: (hash) => read(bytesToHex(hash)) });
  const machine = createRunMachine(plan, {
    ...{ engine, data, crypto, clock: systemClock },
    digest: (bytes) => crypto.sha256(bytes),
    // Between two steps messages arrive.
    turn: () => new Promise((resolve) => setImmediate(resolve)),
  });
  opened = { machine, plan, states: new Map(), mostStates: states, read };
  return { engineClass: engine.engineClass, parameters: countParameters(plan.table) };
}

async function openEngine({ manifest, isExact }: RunPlan): Promise<TrainingEngine> {
  const options = { model: manifest.model, ...manifest.batch };
  if (!isExact) return createNativeEngine(options);
  const engine = await createExactEngine(await loadExactParts(), options);
  const wanted = bytesToHex(manifest.engineClass);
  if (engine.engineClass === wanted) return engine;
  throw new Error(
    `This installation computes in the class ${engine.engineClass.slice(0, 12)}…, and the run is of ${wanted.slice(0, 12)}…. Install the version of Cairn that the run was made with.`,
  );
}

function keep(state: RootedState): { readonly root: string } {
  const { states, mostStates } = run();
  const root = bytesToHex(state.root);
  states.delete(root);
  states.set(root, state);
  while (states.size > mostStates) states.delete(states.keys().next().value as string);
  return { root };
}

function stateOf(root: string): RootedState {
  const state = run().states.get(root);
  if (state === undefined) throw new Error(`The weights ${root} are not in memory.`);
  keep(state);
  return state;
}

/** Weights, or what an update left unsent, from the list of their pages. */
async function readTensors(id: string) {
  const { read } = run();
  const list = decodePageList(await read(id));
  const assembly = assembleWeights(crypto, list);
  for (const [index, page] of list.pages.entries()) assembly.put(index, await read(bytesToHex(page)));
  return { list, tensors: assembly.weights() };
}

function assertTable(
  found: { name: string; shape: readonly number[] }[],
  plan: RunPlan,
  isState: boolean,
): void {
  const wanted = isState ? stateTensors(plan) : plan.table;
  const text = (tensors: readonly { name: string; shape: readonly number[] }[]) =>
    tensors.map(({ name, shape }) => `${name} ${shape.join('x')}`).join();
  if (text(found) !== text(wanted)) throw new Error('The listed tensors are those of another model.');
}

async function load({ list: id }: { readonly list: string }) {
  const { machine, plan } = run();
  const { list, tensors } = await readTensors(id);
  assertTable(list.tensors, plan, true);
  return keep(machine.rooted(tensorsToState(plan, tensors)));
}

/** The updates that are whole, for this round and from this base; null for the others. */
async function decode({ base, run: id, round, updates }: RoundUpdates) {
  const { machine, read } = run();
  const state = stateOf(base);
  const decoded = [];
  for (const { id: blob, steps } of updates) {
    try {
      decoded.push(machine.decode(state, await read(blob), { run: id, round, steps }));
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'UPDATE_MALFORMED') throw error;
      decoded.push(null);
    }
  }
  return { state, decoded };
}

async function apply(given: RoundUpdates) {
  const { state, decoded } = await decode(given);
  const sound = decoded.filter((update) => update !== null);
  if (sound.length < decoded.length) throw new Error('An accepted update is malformed.');
  return keep(run().machine.apply(state, sound));
}

async function measure(given: MeasureUpdates) {
  const { state, decoded } = await decode(given);
  const sound = decoded.flatMap((update, index) =>
    update === null ? [] : [{ update, firstBatch: given.firstBatches[index]! }],
  );
  const measured = await run().machine.measure(state, { updates: sound, scoreSeed: given.scoreSeed });
  return decoded.map((update) => (update === null ? null : measured.shift()!));
}

async function train(
  given: TrainPlace,
  { isStopped, progress }: ThreadContext,
): Promise<TrainedPlace | PausedPlace> {
  const { machine, plan } = run();
  const { residual: id, resume, base, withinMs, ...task } = given;
  const residual = id === null ? undefined : await readTensors(id);
  if (residual !== undefined) assertTable(residual.list.tensors, plan, false);
  let paused: Uint8Array = new Uint8Array();
  const steps = task.steps ?? plan.manifest.inner.steps;
  const trained = await machine.train(
    stateOf(base),
    {
      ...task,
      ...(residual === undefined ? {} : { residual: tensorsToUnits(residual.tensors) }),
      ...(withinMs === undefined ? {} : { deadlineMs: systemClock.nowMs() + withinMs }),
      ...(resume === undefined ? {} : { resume: progressFromBytes(plan.table, resume) }),
    },
    {
      wish: () => (isStopped() ? 'pause' : 'run'),
      onStep: (step) => progress({ ...step, steps } satisfies StepProgress),
      onPause: (where) => {
        paused = progressToBytes(plan.table, where);
      },
    },
  );
  if (trained === null) return { paused };
  const left = unitsToTensors(trained.residual);
  const list = left.size === 0 ? null : listPages(crypto, plan.table, left);
  const pages = list === null ? [] : placePages(plan.table).map((place) => readPage(left, place).slice());
  return {
    update: trained.update,
    residual: list === null ? null : { list: encodePageList(list), pages },
    traceRoot: trained.traceRoot,
    steps: trained.steps,
    losses: trained.losses,
  };
}

async function release({ root, folder, facts, types }: ReleaseCheckpoint): Promise<ReleasedCheckpoint> {
  const { plan, read } = run();
  const { files, card } = await createRelease(
    { crypto, keep: (path, bytes) => writeFileDurably(join(folder, path), bytes) },
    {
      ...{ facts, types },
      weights: stateOf(root).state.weights,
      tokenizer: parseTokenizerJson(bytesToUtf8(await read(bytesToHex(plan.manifest.tokenizer)))),
    },
  );
  const { path, sha256 } = files.find(({ format }) => format === 'gguf')!;
  return { card, gguf: { path, sha256 } };
}

serveThread({
  open: async (given: OpenRun) => ({ answer: await open(given) }),
  has: async ({ root }: { root: string }) => ({ answer: run().states.has(root) }),
  start: async ({ seed }: { seed: number }) => {
    const { machine, plan } = run();
    return { answer: keep(machine.rooted(initialState(crypto, plan, seed))) };
  },
  load: async (given: { list: string }) => ({ answer: await load(given) }),
  check: async (given: RoundUpdates) => ({
    answer: (await decode(given)).decoded.map((update) => update !== null),
  }),
  apply: async (given: RoundUpdates) => ({ answer: await apply(given) }),
  measure: async (given: MeasureUpdates) => ({ answer: await measure(given) }),
  train: async (given: TrainPlace, context) => {
    const answer = await train(given, context);
    const moved =
      'update' in answer ? (answer.residual?.pages.map((page) => page.buffer as ArrayBuffer) ?? []) : [];
    return { answer, moved };
  },
  loss: async ({ root }: { root: string }) => ({
    answer: await run().machine.heldOutLoss(stateOf(root).state.weights),
  }),
  release: async (given: ReleaseCheckpoint) => ({ answer: await release(given) }),
  list: async ({ root }: { root: string }) => ({
    answer: encodePageList(listStatePages(crypto, run().plan, stateOf(root).state)),
  }),
  page: async ({ root, index }: { root: string; index: number }) => {
    const { plan } = run();
    const place = placePages(stateTensors(plan))[index]!;
    return { answer: readPage(stateToTensors(plan, stateOf(root).state), place).slice() };
  },
});
