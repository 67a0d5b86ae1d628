import { bytesToHex, CairnError, type Clock, type Crypto } from '@cairn/core';
import {
  decodeRunManifest,
  findManifestFault,
  type TensorShape,
  type TensorTable,
  type TrainingEngine,
} from '@cairn/protocol';
import { countParameters } from '../compute/model/tensors.ts';
import { TrainingError, unusable } from '../errors.ts';
import {
  createRunMachine,
  type MachineHooks,
  type RootedState,
  type RunMachine,
} from '../machine/machine.ts';
import { type Moments, momentsToTensors, momentTensors, tensorsToMoments } from '../machine/moments.ts';
import { openRunData } from '../machine/run-data.ts';
import { planOf, type RunPlan } from '../machine/run-plan.ts';
import {
  initialState,
  listStatePages,
  stateTensors,
  stateToTensors,
  tensorsToState,
  tensorsToUnits,
  unitsToTensors,
} from '../machine/run-state.ts';
import { progressFromBytes, progressToBytes } from '../round/progress-bytes.ts';
import type { StateHasher } from '../round/state-hasher.ts';
import type { RoundProgress } from '../round/train-round.ts';
import { decodeUpdate } from '../update/decode-update.ts';
import type { Update } from '../update/format.ts';
import { encodePageList, listPages, placePages, readPage } from '../weights/pages.ts';
import { readTensors } from '../weights/read-pages.ts';
import { createComparer } from './compare-place.ts';
import type { RunCompute } from './compute-port.ts';
import type { RoundStart } from './round-places.ts';
import type {
  ComparedPlace,
  ComparePlace,
  KeptMoments,
  OpenedRun,
  PagedTensors,
  PausedPlace,
  RoundUpdates,
  StepProgress,
  TrainedPlace,
  TrainPlace,
} from './run-shapes.ts';
import { createStateMemory } from './state-memory.ts';

/** A run opened where it is computed. */
export interface OpenedCompute extends RunCompute, AsyncDisposable {
  readonly plan: RunPlan;
  readonly opened: OpenedRun;
  stateOf(root: string): RootedState;
  /** As `train`. @param isStopped asked between two steps: whether to pause. */
  trainUntil(
    given: TrainPlace,
    isStopped: () => boolean,
    onStep?: (step: StepProgress) => void,
  ): Promise<TrainedPlace | PausedPlace>;
  /** As `compare`. @param isStopped asked between two steps: whether to give up. */
  compareUntil(given: ComparePlace, isStopped: () => boolean): Promise<ComparedPlace | null>;
}

export interface RunComputeParts {
  readonly crypto: Crypto;
  readonly clock: Clock;
  /** Lets messages arrive between two steps. */
  readonly turn: () => Promise<void>;
  /** A blob of the library by its SHA-256 in hex; null when it is not there. */
  readonly read: (id: string) => Promise<Uint8Array | null>;
  readonly openEngine: (plan: RunPlan) => Promise<TrainingEngine>;
  /** An engine of another class, asked for when a replay finds an update outside of its bounds. */
  readonly openSecond?: (plan: RunPlan) => Promise<TrainingEngine>;
  /** For the traces of exact runs. @default on this thread, by `crypto` */
  readonly hasher?: StateHasher;
}

export interface OpenComputeOptions {
  /** SHA-256 of the manifest, in hex. */
  readonly manifest: string;
  /** Weights of so many roots are kept in memory. */
  readonly states: number;
}

/**
 * Opens a run whose blobs are in the library.
 *
 * @throws TrainingError `ROUND_UNUSABLE` when a blob is missing, the manifest has a fault or the engine is of another
 * class
 */
export async function openRunCompute(
  parts: RunComputeParts,
  { manifest: id, states: mostStates }: OpenComputeOptions,
): Promise<OpenedCompute> {
  const { crypto, clock } = parts;
  const read = async (blob: string): Promise<Uint8Array> => {
    const bytes = await parts.read(blob);
    if (bytes === null) throw unusable(`blob ${blob} is not in the library`);
    return bytes;
  };
  const manifest = decodeRunManifest(await read(id));
  const fault = findManifestFault(manifest);
  if (fault !== null) throw unusable(`its manifest is at fault: ${fault}`);
  const plan = planOf(manifest);
  await using opening = new AsyncDisposableStack();
  const engine = opening.use(await parts.openEngine(plan));
  const wanted = bytesToHex(manifest.engineClass);
  if (plan.isExact && engine.engineClass !== wanted) {
    const classes = `${engine.engineClass.slice(0, 12)}…, and the run is of ${wanted.slice(0, 12)}…`;
    throw unusable(
      `this installation computes in the class ${classes}. Install the version of Cairn that it was made with`,
    );
  }
  const data = await openRunData(manifest, { crypto, read: (hash) => read(bytesToHex(hash)) });
  const machineOn = (on: TrainingEngine): RunMachine =>
    createRunMachine(plan, { ...parts, engine: on, data });
  const machine = machineOn(engine);
  const { keep, stateOf, has } = createStateMemory(mostStates);

  /** A state, or what an update left unsent, from the list of its pages. */
  const tensorsOf = async (list: string, wanted: readonly TensorShape[]): Promise<TensorTable> =>
    readTensors(crypto, await read(list), wanted, read);

  /** The updates that are whole, for this round and from this base; null for the others. */
  async function decode({ base, run, round, updates }: RoundUpdates) {
    const state = stateOf(base);
    const decoded = [];
    for (const { id: blob, seat, steps } of updates) {
      try {
        decoded.push(machine.decode(state, await read(blob), { run, round, seat, steps }));
      } catch (error) {
        if (!(error instanceof TrainingError) || error.code !== 'UPDATE_MALFORMED') throw error;
        decoded.push(null);
      }
    }
    return { state, decoded };
  }

  /** The weights that a place begins with: of an overlapped run, its own update on the base of the round before. */
  async function startWeights(run: Uint8Array, { base, round, update }: RoundStart): Promise<TensorTable> {
    const { state, decoded } = await decode({ base, run, round, updates: [update] });
    // A trainer whose update was refused begins with what it was made from.
    return machine.apply(state, decoded[0] ? [decoded[0]] : []).state.weights;
  }

  /** Undefined when they are lost or damaged: to begin without costs some steps, and to wait for them the seat. */
  async function readMoments({ list, taken }: KeptMoments): Promise<Moments | undefined> {
    try {
      return tensorsToMoments(plan.table, await tensorsOf(list, momentTensors(plan.table)), taken);
    } catch (error) {
      if (!(error instanceof CairnError)) throw error;
      return undefined;
    }
  }

  /** Copies, which can go to another thread. */
  function paged(table: readonly TensorShape[], tensors: TensorTable): PagedTensors {
    return {
      list: encodePageList(listPages(crypto, table, tensors)),
      pages: placePages(table).map((place) => readPage(tensors, place).slice()),
    };
  }

  /** The steps of a place on one machine. Null: it was paused, and `onPause` told where. */
  async function makePlace(
    on: RunMachine,
    { residual: list, moments, resume, base, withinMs, start = null, ...task }: TrainPlace,
    hooks: MachineHooks,
    ahead?: RoundProgress,
  ) {
    const before = list === null ? undefined : tensorsToUnits(await tensorsOf(list, plan.table));
    const goesOn = moments === undefined ? undefined : await readMoments(moments);
    const taken = resume === undefined ? ahead : progressFromBytes(plan.table, resume);
    const trained = await on.train(
      stateOf(base),
      {
        ...task,
        ...(before === undefined ? {} : { residual: before }),
        ...(goesOn === undefined ? {} : { moments: goesOn }),
        ...(start === null ? {} : { start: await startWeights(task.run, start) }),
        ...(withinMs === undefined ? {} : { deadlineMs: clock.nowMs() + withinMs }),
        ...(taken === undefined ? {} : { resume: taken }),
      },
      hooks,
    );
    return { trained, before };
  }

  /** Steps of a round that is not open yet. Lost with this process, and made again then. */
  let ahead: { readonly name: string; readonly progress: RoundProgress } | null = null;

  /** Those of the updates that are here and whole. */
  async function readBefore(ids: readonly string[]): Promise<Update[]> {
    const decoded: Update[] = [];
    for (const blob of ids) {
      const bytes = await parts.read(blob);
      if (bytes !== null) decoded.push(decodeUpdate(bytes, plan.codec, plan.table));
    }
    return decoded;
  }

  async function trainUntil(
    given: TrainPlace,
    isStopped: () => boolean,
    onStep?: (step: StepProgress) => void,
  ): Promise<TrainedPlace | PausedPlace> {
    let paused: Uint8Array = new Uint8Array();
    const steps = given.steps ?? plan.manifest.inner.steps;
    const name = nameOf(given);
    const hooks: MachineHooks = {
      wish: () => (isStopped() ? 'pause' : 'run'),
      onStep: (step) => onStep?.({ ...step, steps }),
      onPause: (where) => {
        if (given.isAhead === true) ahead = { name, progress: where };
        else paused = progressToBytes(plan.table, where);
      },
    };
    // Who replays a number of steps begins at the first.
    const known = ahead?.name === name && given.steps === undefined ? ahead.progress : undefined;
    const { trained } = await makePlace(machine, given, hooks, known);
    if (trained === null) return { paused };
    ahead = null;
    const { residual, moments } = trained;
    return {
      update: trained.update,
      residual: residual.size === 0 ? null : paged(plan.table, unitsToTensors(residual)),
      moments:
        moments === null
          ? null
          : { ...paged(momentTensors(plan.table), momentsToTensors(moments)), taken: moments.taken },
      traceRoot: trained.traceRoot,
      steps: trained.steps,
      losses: trained.losses,
    };
  }

  const { compare: compareUntil, rehearse } = opening.use(
    createComparer({
      ...{ plan, engine, read, readTensors: tensorsOf, decode, machineOn, makePlace },
      openSecond: parts.openSecond,
    }),
  );

  const engines = opening.move();
  return {
    plan,
    opened: { engineClass: engine.engineClass, parameters: countParameters(plan.table) },
    stateOf,
    has: async (root) => has(root),
    start: async (seed) => keep(machine.rooted(initialState(crypto, plan, seed))),
    async load(list) {
      const tensors = await tensorsOf(list, stateTensors(plan));
      return keep(machine.rooted(tensorsToState(plan, tensors)));
    },
    check: async (given) => (await decode(given)).decoded.map((update) => update !== null),
    async apply(given) {
      const { state, decoded } = await decode(given);
      const sound = decoded.filter((update) => update !== null);
      if (sound.length < decoded.length) throw unusable('an accepted update is malformed');
      return keep(machine.apply(state, sound));
    },
    async measure(given) {
      const { state, decoded } = await decode(given);
      const sound = decoded.flatMap((update, index) =>
        update === null ? [] : [{ update, firstBatch: given.firstBatches[index]! }],
      );
      const { scoreSeed } = given;
      const measured = await machine.measure(state, {
        ...{ updates: sound, scoreSeed },
        before: await readBefore(given.before),
      });
      return decoded.map((update) => (update === null ? null : measured.shift()!));
    },
    ...{ trainUntil, compareUntil, rehearse },
    compare: (given, { signal } = {}) => compareUntil(given, () => signal?.aborted === true),
    train: (given, { signal, onStep } = {}) => trainUntil(given, () => signal?.aborted === true, onStep),
    loss: (root) => machine.heldOutLoss(stateOf(root).state.weights),
    list: async (root) => encodePageList(listStatePages(crypto, plan, stateOf(root).state)),
    page: async (root, index) => {
      const place = placePages(stateTensors(plan))[index]!;
      return readPage(stateToTensors(plan, stateOf(root).state), place).slice();
    },
    [Symbol.asyncDispose]: () => engines.disposeAsync(),
  };
}

/** What the steps of a place depend on. */
const nameOf = ({ start, round, firstBatch, halvings, moments }: TrainPlace): string =>
  [start?.base, start?.update.id, round, firstBatch, halvings, moments?.list].join(' ');
