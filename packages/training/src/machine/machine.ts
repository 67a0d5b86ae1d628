import { areBytesEqual, type Clock, type Crypto, concatBytes, u64ToBytes, utf8ToBytes } from '@cairn/core';
import type { RunManifest, TensorTable, TrainingBatch, TrainingEngine } from '@cairn/protocol';
import { applyRound, type RunState } from '../aggregate/outer-step.ts';
import { TrainingError } from '../errors.ts';
import { makeUpdate } from '../round/make-update.ts';
import { createStateHasher, type StateHasher } from '../round/state-hasher.ts';
import { traceRoot } from '../round/trace.ts';
import { type RoundHooks, type RoundProgress, trainRound } from '../round/train-round.ts';
import { type Improvement, measureUpdates } from '../score/measure-updates.ts';
import { overlapOf } from '../score/overlap.ts';
import type { Units } from '../update/change.ts';
import { decodeUpdate } from '../update/decode-update.ts';
import type { Update } from '../update/format.ts';
import { createInnerOptimiser } from './inner-optimiser.ts';
import type { Moments } from './moments.ts';
import type { RunPlan } from './run-plan.ts';
import { stateRootOf } from './run-state.ts';

/** Batches of its sender's data that an update is tried on. */
const OWN_BATCHES = 2;
/** Unseen data that each update is tried on: on less, the gain of a trained one is lost late in a run. */
const TRIED = { tokens: 2_048, mostBatches: 8 } as const;
/** Unseen data whose slope tells updates from noise, once for all of them. */
const SLOPE = { tokens: 4_096, mostBatches: 16 } as const;

/** The tokens of a run, as batches. The same index gives the same batch, everywhere. */
export interface RunData {
  batch(index: number): Promise<TrainingBatch>;
  /** Batches of the held-out set. */
  readonly heldOutBatches: number;
  heldOut(index: number): Promise<TrainingBatch>;
}

export interface MachineParts {
  readonly engine: TrainingEngine;
  readonly data: RunData;
  readonly crypto: Crypto;
  readonly clock: Clock;
  /** For the traces of exact runs. @default on this thread, by `crypto` */
  readonly hasher?: StateHasher;
  /** Lets everything else have its turn between two steps. */
  readonly turn: () => Promise<void>;
}

/** What one place of a round trains. */
export interface MachineTask {
  /** 32 bytes. */
  readonly run: Uint8Array;
  readonly round: number;
  /** Whose update it becomes. */
  readonly seat: number;
  /** Its first batch; it has one batch for each inner step. */
  readonly firstBatch: number;
  readonly halvings: number;
  /** Inner steps. @default those of the run */
  readonly steps?: number;
  /** By when the steps have to be done; those that are then are the update. */
  readonly deadlineMs?: number;
  /** What its update of the round before left unsent. */
  readonly residual?: Units;
  /** What its steps before left, in a run that keeps it. @default zeros */
  readonly moments?: Moments;
  readonly resume?: RoundProgress;
  /** Weights that the steps begin with. @default the base */
  readonly start?: TensorTable;
  /** Whether the round is not open yet: it is paused in the end, and there is no update. */
  readonly isAhead?: boolean;
}

/** A round of one trainer: what it commits to, and what it keeps. */
export interface TrainedRound {
  readonly update: Uint8Array;
  /** What the update left unsent; empty under a rule that keeps nothing. */
  readonly residual: Units;
  /** Null in a run that begins each round without any. */
  readonly moments: Moments | null;
  readonly traceRoot: Uint8Array;
  /** Hashes of the states 0 to `steps`. */
  readonly leaves: readonly Uint8Array[];
  readonly steps: number;
  /** In nats per token, one for each step. */
  readonly losses: readonly number[];
}

/** What a run is between two rounds, and what names it on the ledger. */
export interface RootedState {
  readonly state: RunState;
  /** 32 bytes. */
  readonly root: Uint8Array;
}

/** Everything that is computed for a run. It keeps nothing between calls. Runs in Node and in browsers. */
export interface RunMachine {
  readonly plan: RunPlan;
  /** The state with its root. O(bytes of the weights). */
  rooted(state: RunState): RootedState;
  /**
   * The inner steps of a round and the update they make.
   *
   * @returns null when it was paused; `onPause` is told where it goes on
   * @throws TrainingError `ROUND_UNUSABLE`, `UPDATE_NOT_FINITE`, `TRACE_FAILED`
   */
  train(base: RootedState, task: MachineTask, hooks?: MachineHooks): Promise<TrainedRound | null>;
  /** A stranger's update of this round, whole and from this base. @throws TrainingError `UPDATE_MALFORMED` */
  decode(base: RootedState, bytes: Uint8Array, of: UpdatePlace): Update;
  /** What the round becomes with these updates, in roster order. */
  apply(base: RootedState, updates: readonly Update[]): RootedState;
  /** How much each update alone helps, and how alike they are. O(updates × batches) losses and O(batches) steps. */
  measure(base: RootedState, task: MeasuredRound): Promise<MeasuredUpdate[]>;
  /** Mean loss over batches of the held-out set, nats per token. @param most batches. @default 8 */
  heldOutLoss(weights: TensorTable, most?: number): Promise<number>;
}

export type MachineHooks = RoundHooks & { readonly onPause?: (progress: RoundProgress) => void };

export interface MeasuredRound {
  readonly updates: readonly { readonly update: Update; readonly firstBatch: number }[];
  /** Unknown before commits were closed; the same for every validator. 32 bytes. */
  readonly scoreSeed: Uint8Array;
  /** Updates of the round before. */
  readonly before: readonly Update[];
}

export interface MeasuredUpdate {
  readonly improvement: Improvement;
  /** Largest share of its values that another of the round, or one of the round before, has too. */
  readonly overlap: number;
}

/** What the ledger says of an update. */
export interface UpdatePlace {
  readonly run: Uint8Array;
  readonly round: number;
  readonly seat: number;
  readonly steps: number;
}

export function createRunMachine(plan: RunPlan, parts: MachineParts): RunMachine {
  const { engine, data, crypto } = parts;
  const rooted = (state: RunState): RootedState => ({ state, root: stateRootOf(crypto, plan, state) });

  async function train(
    base: RootedState,
    task: MachineTask,
    { onPause, ...hooks }: MachineHooks = {},
  ): Promise<TrainedRound | null> {
    const { steps } = plan.manifest.inner;
    const { hasher = createStateHasher(crypto.sha256), ...others } = parts;
    const { start = base.state.weights } = task;
    const allocate = plan.isTraced ? hasher.allocate : undefined;
    const optimiser = createInnerOptimiser(plan, engine.tensors, task.halvings, allocate);
    if (plan.keepsMoments && task.moments !== undefined) optimiser.restore(task.moments);
    const outcome = await trainRound(
      {
        ...others,
        ...(plan.isTraced ? { hasher } : {}),
        optimiser,
        sampler: { batch: (step) => data.batch(task.firstBatch + step) },
      },
      {
        round: task.round,
        base: start,
        steps: task.steps ?? steps,
        stepsBefore: (task.round - 1) * steps,
        isReset: !plan.keepsMoments,
        ...(task.deadlineMs === undefined ? {} : { deadlineMs: task.deadlineMs }),
        ...(task.resume === undefined ? {} : { resume: task.resume }),
        ...(task.isAhead === undefined ? {} : { isAhead: task.isAhead }),
      },
      hooks,
    );
    if (outcome.status === 'paused') {
      onPause?.(outcome.progress);
      return null;
    }
    const { done, parameters, leaves, losses, firstMoments, secondMoments, taken } = outcome.progress;
    const { bytes, residual } = makeUpdate({
      header: { run: authorOf(crypto, task), round: task.round, base: base.root, steps: done },
      codec: plan.codec,
      table: plan.table,
      base: start,
      trained: parameters,
      ...(task.residual === undefined ? {} : { residual: task.residual }),
      decay: plan.decay,
    });
    return {
      update: bytes,
      residual: plan.codec.kind === 'dense' ? new Map() : residual,
      moments: plan.keepsMoments ? { firstMoments, secondMoments, taken } : null,
      traceRoot: plan.isTraced ? traceRoot(crypto, leaves) : new Uint8Array(32),
      ...{ leaves, losses, steps: done },
    };
  }

  const batchesAt = (indexes: readonly number[]) => Promise.all(indexes.map((index) => data.batch(index)));

  return {
    plan,
    rooted,
    train,
    decode(base, bytes, { round, steps, ...author }) {
      const update = decodeUpdate(bytes, plan.codec, plan.table);
      const { header } = update;
      if (!areBytesEqual(header.run, authorOf(crypto, author)) || header.round !== round)
        throw misplaced('it is of another run, round or trainer');
      if (!areBytesEqual(header.base, base.root)) throw misplaced('it was trained from other weights');
      if (header.steps !== steps)
        throw misplaced(`it has ${header.steps} steps, and ${steps} were committed`);
      return update;
    },
    async measure(base, { updates, scoreSeed, before }) {
      const { batch, inner } = plan.manifest;
      const count = Math.min(OWN_BATCHES, inner.steps);
      const own = (firstBatch: number) =>
        batchesAt(Array.from({ length: count }, (_, step) => firstBatch + step));
      const slope = await batchesAt(drawnBatches(crypto, scoreSeed, batchesFor(batch, SLOPE)));
      const improvements = await measureUpdates(
        {
          step: (weights, batch) => parts.turn().then(() => engine.step(weights, batch)),
          loss: (weights, batch) => parts.turn().then(() => engine.loss(weights, batch)),
        },
        {
          table: plan.table,
          weights: base.state.weights,
          learningRate: plan.rule.learningRate,
          updates: updates.map(({ update }) => update),
          assigned: await Promise.all(updates.map(({ firstBatch }) => own(firstBatch))),
          unseen: slope.slice(0, batchesFor(batch, TRIED)),
          slope,
        },
      );
      return improvements.map((improvement, index) => {
        const others = updates.flatMap(({ update }, other) => (other === index ? [] : [update]));
        const overlap = [...others, ...before].map((other) => overlapOf(updates[index]!.update, other));
        return { improvement, overlap: Math.max(0, ...overlap) };
      });
    },
    apply: (base, updates) => rooted(applyRound(plan.table, plan.rule, base.state, updates)),
    async heldOutLoss(weights, most = 8) {
      const count = Math.min(most, data.heldOutBatches);
      let sum = 0;
      for (let index = 0; index < count; index += 1) {
        await parts.turn();
        sum += await engine.loss(weights, await data.heldOut(index));
      }
      return sum / count;
    },
  };
}

/**
 * What an update names as its run. Its hash is on the ledger before anybody may see it, and whoever is quick could
 * commit to the same hash: with the seat in it, what that stands for is of no use to any other.
 */
function authorOf(crypto: Crypto, { run, seat }: Pick<UpdatePlace, 'run' | 'seat'>): Uint8Array {
  return crypto.sha256(concatBytes(utf8ToBytes('cairn/update/v1'), run, u64ToBytes(BigInt(seat))));
}

/** Batches that have so many tokens; at least two, and of very small ones no more than the most. */
function batchesFor(
  { rows, length }: RunManifest['batch'],
  { tokens, mostBatches }: { readonly tokens: number; readonly mostBatches: number },
): number {
  return Math.min(mostBatches, Math.max(2, Math.ceil(tokens / (rows * length))));
}

/** Batches that a seed draws: far apart, and of any place in the data. */
function drawnBatches(crypto: Crypto, seed: Uint8Array, count: number): number[] {
  return Array.from({ length: count }, (_, index) => {
    const hash = crypto.sha256(concatBytes(utf8ToBytes('cairn/unseen/v1'), seed, Uint8Array.of(index)));
    return new DataView(hash.buffer, hash.byteOffset).getUint32(0);
  });
}

function misplaced(reason: string): TrainingError {
  return new TrainingError(
    { code: 'UPDATE_MALFORMED', reason },
    `The update is refused: ${reason}. Its sender can train from the base of the round.`,
  );
}
