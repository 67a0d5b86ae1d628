import { bytesToHex, type CancelSignal, type Clock, type Crypto } from '@cairn/core';
import { decodeRunManifest, findManifestFault, type TrainingEngine } from '@cairn/protocol';
import { countParameters } from '../compute/model/tensors.ts';
import { TrainingError } from '../errors.ts';
import {
  createRunMachine,
  type MeasuredUpdate,
  type RootedState,
  type RunMachine,
} from '../machine/machine.ts';
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
import { decodeUpdate } from '../update/decode-update.ts';
import type { Update } from '../update/format.ts';
import {
  assembleWeights,
  decodePageList,
  encodePageList,
  listPages,
  placePages,
  readPage,
} from '../weights/pages.ts';
import type {
  MeasureUpdates,
  OpenedRun,
  PausedPlace,
  RoundUpdates,
  StepProgress,
  TrainedPlace,
  TrainPlace,
} from './run-shapes.ts';

/** Everything that is computed for one run, one thing after another. Roots are hex. */
export interface RunCompute {
  /** Whether the weights of a root are in its memory. */
  has(root: string): Promise<boolean>;
  /** Weights from a seed. @returns their root */
  start(seed: number): Promise<string>;
  /** Weights from the blob that lists their pages. @returns their root */
  load(list: string): Promise<string>;
  /** Which of the updates are whole, of this round and from its base. */
  check(given: RoundUpdates): Promise<readonly boolean[]>;
  /** @returns the root of the weights after the round */
  apply(given: RoundUpdates): Promise<string>;
  /** Null for updates that are not sound. */
  measure(given: MeasureUpdates): Promise<readonly (MeasuredUpdate | null)[]>;
  train(given: TrainPlace, options?: TrainOptions): Promise<TrainedPlace | PausedPlace>;
  /** Held-out loss, nats per token. */
  loss(root: string): Promise<number>;
  /** The list of the pages of a state, and one of the pages. */
  list(root: string): Promise<Uint8Array>;
  page(root: string, index: number): Promise<Uint8Array>;
}

export interface TrainOptions {
  /** Pauses it between two steps. */
  readonly signal?: CancelSignal;
  readonly onStep?: (step: StepProgress) => void;
}

/** A run opened where it is computed. */
export interface OpenedCompute extends RunCompute {
  readonly plan: RunPlan;
  readonly opened: OpenedRun;
  stateOf(root: string): RootedState;
  /** As `train`. @param isStopped asked between two steps: whether to pause. */
  trainUntil(
    given: TrainPlace,
    isStopped: () => boolean,
    onStep?: (step: StepProgress) => void,
  ): Promise<TrainedPlace | PausedPlace>;
}

export interface RunComputeParts {
  readonly crypto: Crypto;
  readonly clock: Clock;
  /** Lets messages arrive between two steps. */
  readonly turn: () => Promise<void>;
  /** A blob of the library by its SHA-256 in hex; null when it is not there. */
  readonly read: (id: string) => Promise<Uint8Array | null>;
  readonly openEngine: (plan: RunPlan) => Promise<TrainingEngine>;
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
  const engine = await parts.openEngine(plan);
  const wanted = bytesToHex(manifest.engineClass);
  if (plan.isExact && engine.engineClass !== wanted) {
    const classes = `${engine.engineClass.slice(0, 12)}…, and the run is of ${wanted.slice(0, 12)}…`;
    throw unusable(
      `this installation computes in the class ${classes}. Install the version of Cairn that it was made with`,
    );
  }
  const data = await openRunData(manifest, { crypto, read: (hash) => read(bytesToHex(hash)) });
  const machine: RunMachine = createRunMachine(plan, {
    ...{ engine, data, crypto, clock, turn: parts.turn },
    digest: (bytes) => crypto.sha256(bytes),
  });
  /** By root in hex, the latest used last. */
  const states = new Map<string, RootedState>();

  function keep(state: RootedState): string {
    const root = bytesToHex(state.root);
    states.delete(root);
    states.set(root, state);
    while (states.size > mostStates) states.delete(states.keys().next().value as string);
    return root;
  }

  function stateOf(root: string): RootedState {
    const state = states.get(root);
    if (state === undefined) throw unusable(`the weights ${root} are not in memory`);
    keep(state);
    return state;
  }

  /** Weights, or what an update left unsent, from the list of their pages. */
  async function readTensors(list: string) {
    const pages = decodePageList(await read(list));
    const assembly = assembleWeights(crypto, pages);
    for (const [index, page] of pages.pages.entries()) assembly.put(index, await read(bytesToHex(page)));
    return { list: pages, tensors: assembly.weights() };
  }

  /** The updates that are whole, for this round and from this base; null for the others. */
  async function decode({ base, run, round, updates }: RoundUpdates) {
    const state = stateOf(base);
    const decoded = [];
    for (const { id: blob, steps } of updates) {
      try {
        decoded.push(machine.decode(state, await read(blob), { run, round, steps }));
      } catch (error) {
        if (!(error instanceof TrainingError) || error.code !== 'UPDATE_MALFORMED') throw error;
        decoded.push(null);
      }
    }
    return { state, decoded };
  }

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
    const { residual: list, resume, base, withinMs, ...task } = given;
    const residual = list === null ? undefined : await readTensors(list);
    if (residual !== undefined) assertTable(residual.list.tensors, plan, false);
    let paused: Uint8Array = new Uint8Array();
    const steps = task.steps ?? plan.manifest.inner.steps;
    const trained = await machine.train(
      stateOf(base),
      {
        ...task,
        ...(residual === undefined ? {} : { residual: tensorsToUnits(residual.tensors) }),
        ...(withinMs === undefined ? {} : { deadlineMs: clock.nowMs() + withinMs }),
        ...(resume === undefined ? {} : { resume: progressFromBytes(plan.table, resume) }),
      },
      {
        wish: () => (isStopped() ? 'pause' : 'run'),
        onStep: (step) => onStep?.({ ...step, steps }),
        onPause: (where) => {
          paused = progressToBytes(plan.table, where);
        },
      },
    );
    if (trained === null) return { paused };
    const left = unitsToTensors(trained.residual);
    const pageList = left.size === 0 ? null : listPages(crypto, plan.table, left);
    const pages =
      pageList === null ? [] : placePages(plan.table).map((place) => readPage(left, place).slice());
    return {
      update: trained.update,
      residual: pageList === null ? null : { list: encodePageList(pageList), pages },
      traceRoot: trained.traceRoot,
      steps: trained.steps,
      losses: trained.losses,
    };
  }

  return {
    plan,
    opened: { engineClass: engine.engineClass, parameters: countParameters(plan.table) },
    stateOf,
    has: async (root) => states.has(root),
    start: async (seed) => keep(machine.rooted(initialState(crypto, plan, seed))),
    async load(list) {
      const { list: pages, tensors } = await readTensors(list);
      assertTable(pages.tensors, plan, true);
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
    trainUntil,
    train: (given, { signal, onStep } = {}) => trainUntil(given, () => signal?.aborted === true, onStep),
    loss: (root) => machine.heldOutLoss(stateOf(root).state.weights),
    list: async (root) => encodePageList(listStatePages(crypto, plan, stateOf(root).state)),
    page: async (root, index) => {
      const place = placePages(stateTensors(plan))[index]!;
      return readPage(stateToTensors(plan, stateOf(root).state), place).slice();
    },
  };
}

function assertTable(
  found: readonly { readonly name: string; readonly shape: readonly number[] }[],
  plan: RunPlan,
  isState: boolean,
): void {
  const wanted = isState ? stateTensors(plan) : plan.table;
  const text = (tensors: typeof found) =>
    tensors.map(({ name, shape }) => `${name} ${shape.join('x')}`).join();
  if (text(found) !== text(wanted)) throw unusable('the listed tensors are those of another model');
}

function unusable(reason: string): TrainingError {
  return new TrainingError(
    { code: 'ROUND_UNUSABLE', reason },
    `This run cannot be computed here: ${reason}.`,
  );
}
