import type { Clock, Crypto } from '@cairn/core';
import type { TensorTable, TrainingBatch, TrainingEngine } from '@cairn/protocol';
import { applyRound, type RunState } from '../aggregate/outer-step.ts';
import { TrainingError } from '../errors.ts';
import { makeUpdate } from '../round/make-update.ts';
import { type Digest, traceRoot } from '../round/trace.ts';
import { type RoundHooks, type RoundProgress, trainRound } from '../round/train-round.ts';
import type { Units } from '../update/change.ts';
import { decodeUpdate } from '../update/decode-update.ts';
import type { Update } from '../update/format.ts';
import { createInnerOptimiser } from './inner-optimiser.ts';
import type { RunPlan } from './run-plan.ts';
import { stateRootOf } from './run-state.ts';

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
  readonly digest: Digest;
  /** Lets everything else have its turn between two steps. */
  readonly turn: () => Promise<void>;
}

/** What one place of a round trains. */
export interface MachineTask {
  /** 32 bytes. */
  readonly run: Uint8Array;
  readonly round: number;
  /** Its first batch; it has one batch for each inner step. */
  readonly firstBatch: number;
  readonly halvings: number;
  /** By when the steps have to be done; those that are then are the update. */
  readonly deadlineMs?: number;
  /** What its update of the round before left unsent. */
  readonly residual?: Units;
  readonly resume?: RoundProgress;
}

/** A round of one trainer: what it commits to, and what it keeps. */
export interface TrainedRound {
  readonly update: Uint8Array;
  /** What the update left unsent; empty under a rule that keeps nothing. */
  readonly residual: Units;
  readonly traceRoot: Uint8Array;
  /** Hashes of the states 0 to `steps`. */
  readonly leaves: readonly Uint8Array[];
  readonly steps: number;
  /** In nats per token, one for each step. */
  readonly losses: readonly number[];
}

/** The weights after a round, not taken over yet. */
export interface TriedRound {
  readonly state: RunState;
  readonly root: Uint8Array;
}

/** Everything that is computed for a run, from the weights of its latest round. Runs in Node and in browsers. */
export interface RunMachine {
  readonly plan: RunPlan;
  /** Of the weights it has; null before the first `take`. */
  readonly root: Uint8Array | null;
  /** @throws TrainingError `ROUND_UNUSABLE` before the first `take`, as all below do */
  readonly state: RunState;
  /** Goes on from these weights. @returns their root */
  take(state: RunState): Uint8Array;
  /** @returns null when it was paused, with what it goes on from told to `onPause` */
  train(
    task: MachineTask,
    hooks?: RoundHooks & { onPause?: (progress: RoundProgress) => void },
  ): Promise<TrainedRound | null>;
  /** What the round becomes with these updates, in roster order. @throws TrainingError `UPDATE_MALFORMED` */
  tryRound(updates: readonly Uint8Array[]): TriedRound;
  /** A stranger's update, whole and for this round. @throws TrainingError `UPDATE_MALFORMED` */
  decode(
    update: Uint8Array,
    of: { readonly run: Uint8Array; readonly round: number; readonly steps: number },
  ): Update;
  /** Mean loss over batches of the held-out set, nats per token. @param most batches. @default 8 */
  heldOutLoss(weights: TensorTable, most?: number): Promise<number>;
}

export function createRunMachine(plan: RunPlan, parts: MachineParts): RunMachine {
  const { engine, data, crypto } = parts;
  let held: { readonly state: RunState; readonly root: Uint8Array } | null = null;

  function current(): { readonly state: RunState; readonly root: Uint8Array } {
    if (held !== null) return held;
    const reason = 'its weights were not loaded';
    throw new TrainingError({ code: 'ROUND_UNUSABLE', reason }, `This run cannot be computed: ${reason}.`);
  }

  return {
    plan,
    get root() {
      return held?.root ?? null;
    },
    get state() {
      return current().state;
    },
    take(state) {
      held = { state, root: stateRootOf(crypto, plan, state) };
      return held.root;
    },
    async train(task, { onPause, ...hooks } = {}) {
      const { state, root } = current();
      const { steps } = plan.manifest.inner;
      const outcome = await trainRound(
        {
          ...parts,
          optimiser: createInnerOptimiser(plan, engine.tensors, task.halvings),
          sampler: { batch: (step) => data.batch(task.firstBatch + step) },
        },
        {
          round: task.round,
          base: state.weights,
          steps,
          stepsBefore: (task.round - 1) * steps,
          isReset: true,
          ...(task.deadlineMs === undefined ? {} : { deadlineMs: task.deadlineMs }),
          ...(task.resume === undefined ? {} : { resume: task.resume }),
        },
        hooks,
      );
      const { done, parameters, leaves, losses } = outcome.progress;
      if (outcome.status === 'paused') {
        onPause?.(outcome.progress);
        return null;
      }
      const { bytes, residual } = makeUpdate({
        header: { run: task.run, round: task.round, base: root, steps: done },
        codec: plan.codec,
        table: plan.table,
        base: state.weights,
        trained: parameters,
        ...(task.residual === undefined ? {} : { residual: task.residual }),
        decay: plan.decay,
      });
      return {
        update: bytes,
        residual: plan.codec.kind === 'dense' ? new Map() : residual,
        traceRoot: traceRoot(crypto, leaves),
        ...{ leaves, losses, steps: done },
      };
    },
    tryRound(updates) {
      const decoded = updates.map((bytes) => decodeUpdate(bytes, plan.codec, plan.table));
      const state = applyRound(plan.table, plan.rule, current().state, decoded);
      return { state, root: stateRootOf(crypto, plan, state) };
    },
    decode(bytes, { run, round, steps }) {
      const update = decodeUpdate(bytes, plan.codec, plan.table);
      const { header } = update;
      const isOther = (one: Uint8Array, other: Uint8Array) =>
        one.some((byte, index) => byte !== other[index]);
      if (isOther(header.run, run) || header.round !== round)
        throw misplaced('it is of another run or round');
      if (isOther(header.base, current().root)) throw misplaced('it was trained from other weights');
      if (header.steps !== steps)
        throw misplaced(`it has ${header.steps} steps, and ${steps} were committed`);
      return update;
    },
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

function misplaced(reason: string): TrainingError {
  return new TrainingError(
    { code: 'UPDATE_MALFORMED', reason },
    `The update is refused: ${reason}. Its sender can train from the base of the round.`,
  );
}
