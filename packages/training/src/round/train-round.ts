import type { Clock } from '@cairn/core';
import { MAX_INNER_STEPS, type TensorTable, type TrainingEngine } from '@cairn/protocol';
import { TrainingError } from '../errors.ts';
import type { InnerOptimiser, RoundSampler } from './inner-parts.ts';
import type { InnerState } from './state-hash.ts';
import type { Allocate, StateHasher } from './state-hasher.ts';

export interface RoundParts {
  readonly engine: TrainingEngine;
  readonly optimiser: InnerOptimiser;
  readonly sampler: RoundSampler;
  readonly clock: Clock;
  /** Lets everything else have its turn: a page that hides, a message that arrives. Asked between steps. */
  readonly turn: () => Promise<void>;
  /** Hashes the states of the trace, each while the next step computes; without it none is made. */
  readonly hasher?: StateHasher;
}

export interface RoundTask {
  readonly round: number;
  /** The weights that the round starts from. They are not changed. */
  readonly base: TensorTable;
  /** Inner steps of a whole round (H). */
  readonly steps: number;
  /** Inner steps of the run before this round, for the schedule of the learning rate. */
  readonly stepsBefore: number;
  /** Whether the optimiser's moments start at zero (exact runs). */
  readonly isReset: boolean;
  /** By when the steps have to be done: a trainer that is too slow for all of them stops before. */
  readonly deadlineMs?: number;
  /** Where a paused round goes on. */
  readonly resume?: RoundProgress;
  /** Whether it is only paused when all steps are made: what they are for is not known yet. */
  readonly isAhead?: boolean;
}

/** A round between two steps: enough to go on as if nothing had been. */
export interface RoundProgress extends InnerState {
  readonly round: number;
  /** Steps that were made. */
  readonly done: number;
  /** Steps of the optimiser since its moments were zero. */
  readonly taken: number;
  /** In nats per token, one for each step. */
  readonly losses: readonly number[];
  /** Hashes of the states 0 to `done`; none when no trace is made. */
  readonly leaves: readonly Uint8Array[];
}

export interface RoundHooks {
  /** Asked between steps. `finish` ends the round with the steps made so far. @default always `run` */
  readonly wish?: () => 'run' | 'pause' | 'finish';
  /** Told of each step. */
  readonly onStep?: (step: { readonly done: number; readonly loss: number; readonly ms: number }) => void;
}

/** What became of a round: whole, cut short by its deadline, or paused. */
export interface RoundOutcome {
  readonly status: 'done' | 'paused';
  /** The weights as trained, the moments, and what the trace needs. A copy: later steps do not change it. */
  readonly progress: RoundProgress;
}

/**
 * The inner steps of one trainer in one round. Between two steps the event loop has a real turn, and the caller can
 * pause or finish; a paused round that is resumed gives exactly the losses and weights of an uninterrupted one on the
 * same engine.
 *
 * A state is hashed while the gradients of the next step are computed, for which it stays as it is; before it changes
 * its hash is waited for.
 *
 * @throws TrainingError `ROUND_UNUSABLE` when what should be resumed belongs to another round, `UPDATE_NOT_FINITE`
 * when a loss is no finite number, `TRACE_FAILED`
 */
export async function trainRound(
  parts: RoundParts,
  task: RoundTask,
  { wish = () => 'run', onStep }: RoundHooks = {},
): Promise<RoundOutcome> {
  const { engine, optimiser, clock, hasher } = parts;
  if (!Number.isInteger(task.steps) || task.steps < 1 || task.steps > MAX_INNER_STEPS)
    throw unusable(`a round has 1 to ${MAX_INNER_STEPS} steps, not ${task.steps}`);
  const parameters = copyOf(task.resume?.parameters ?? task.base, hasher?.allocate);
  const state = {
    parameters,
    firstMoments: optimiser.firstMoments,
    secondMoments: optimiser.secondMoments,
  };
  const losses: number[] = [];
  await using trace = createTrace((step) => hasher?.hash(engine.tensors, step, state) ?? null);
  if (task.resume === undefined) {
    if (task.isReset) optimiser.reset();
    trace.begin(0);
  } else takeUp(task, task.resume, optimiser, losses, trace.leaves);

  const times: number[] = [];
  const outcome = async (status: RoundOutcome['status']): Promise<RoundOutcome> => {
    await trace.end();
    return {
      status,
      progress: {
        round: task.round,
        done: losses.length,
        taken: optimiser.taken,
        parameters: copyOf(parameters),
        firstMoments: copyOf(optimiser.firstMoments),
        secondMoments: copyOf(optimiser.secondMoments),
        losses: [...losses],
        leaves: [...trace.leaves],
      },
    };
  };
  while (losses.length < task.steps) {
    await parts.turn();
    const wished = wish();
    if (wished === 'pause') return outcome('paused');
    if (losses.length > 0 && (wished === 'finish' || isTooLate(clock, task.deadlineMs, times))) break;
    const started = clock.nowMs();
    const step = losses.length;
    const { loss, gradients } = await engine.step(parameters, await parts.sampler.batch(step));
    if (!Number.isFinite(loss)) throw notFinite(step, loss);
    await trace.end();
    optimiser.step(parameters, gradients, task.stepsBefore + step);
    losses.push(loss);
    trace.begin(losses.length);
    const ms = clock.nowMs() - started;
    times.push(ms);
    onStep?.({ done: losses.length, loss, ms });
  }
  return outcome(task.isAhead === true ? 'paused' : 'done');
}

/** The leaves of a round as they become known, one after another. */
interface Trace extends AsyncDisposable {
  readonly leaves: Uint8Array[];
  /** Begins to hash the state after so many steps. */
  begin(step: number): void;
  /** Waits for the hash that was begun last. */
  end(): Promise<void>;
}

function createTrace(hash: (step: number) => Promise<Uint8Array> | null): Trace {
  const leaves: Uint8Array[] = [];
  let begun: Promise<Uint8Array> | null = null;
  return {
    leaves,
    begin(step) {
      begun = hash(step);
      // It may fail while a step computes, and is heard of at its end.
      begun?.catch(() => undefined);
    },
    async end() {
      if (begun === null) return;
      leaves.push(await begun);
      begun = null;
    },
    /** A round that failed leaves nothing behind that still reads its state. */
    async [Symbol.asyncDispose]() {
      await begun?.catch(() => undefined);
    },
  };
}

/** Whether another step, as slow as the slowest of the last four, would end after the deadline. */
function isTooLate(clock: Clock, deadlineMs: number | undefined, times: readonly number[]): boolean {
  if (deadlineMs === undefined) return false;
  return clock.nowMs() + Math.max(0, ...times.slice(-4)) > deadlineMs;
}

function takeUp(
  task: RoundTask,
  resume: RoundProgress,
  optimiser: InnerOptimiser,
  losses: number[],
  leaves: Uint8Array[],
): void {
  if (resume.round !== task.round || resume.done > task.steps)
    throw unusable(
      `what was kept is step ${resume.done} of round ${resume.round}, and this is round ${task.round} of ${task.steps} steps`,
    );
  optimiser.restore(resume);
  losses.push(...resume.losses);
  leaves.push(...resume.leaves);
}

function copyOf(
  tensors: TensorTable,
  allocate: Allocate = (length) => new Float32Array(length),
): Map<string, Float32Array> {
  return new Map(
    Array.from(tensors, ([name, values]) => {
      const copy = allocate(values.length);
      copy.set(values);
      return [name, copy];
    }),
  );
}

function unusable(reason: string): TrainingError {
  return new TrainingError(
    { code: 'ROUND_UNUSABLE', reason },
    `The round cannot be trained: ${reason}. Start it from its base.`,
  );
}

function notFinite(step: number, loss: number): TrainingError {
  return new TrainingError(
    { code: 'UPDATE_NOT_FINITE', tensor: 'loss' },
    `The loss of step ${step + 1} is ${loss}. Start the round again from its base with a lower learning rate.`,
  );
}
