import { areBytesEqual, type Crypto } from '@cairn/core';
import type { TensorTable, TrainingEngine } from '@cairn/protocol';
import type { InnerOptimiser, RoundSampler } from '../round/inner-parts.ts';
import { type Digest, stateHash } from '../round/state-hash.ts';
import { isInTrace } from '../round/trace.ts';

export interface ReplayParts {
  /** Of the run's exact class. */
  readonly engine: TrainingEngine;
  readonly optimiser: InnerOptimiser;
  /** The data that was assigned to the accused trainer; null when it cannot be had. */
  readonly sampler: RoundSampler | null;
  readonly digest: Digest;
  readonly crypto: Crypto;
  readonly turn: () => Promise<void>;
}

/** One inner step that is doubted: from the state `step` to the state `step + 1`. */
export interface DoubtedStep {
  /** Root of the trace, as it was committed. */
  readonly traceRoot: Uint8Array;
  /** Steps that the update claims (h); the trace has one leaf more. */
  readonly steps: number;
  /** 0 to h − 1. */
  readonly step: number;
  readonly stepsBefore: number;
}

/** What the trainer, or whoever keeps its trace, shows of it. */
export interface ShownStep {
  readonly before: Uint8Array;
  readonly beforeProof: readonly Uint8Array[];
  readonly after: Uint8Array;
  readonly afterProof: readonly Uint8Array[];
}

/**
 * `differs` names the two hashes of the state where the trace first leaves what was computed. `unavailable` is not
 * held against anyone: such a round is unpaid, and nobody is convicted of it.
 */
export type ReplayVerdict =
  | { readonly verdict: 'equal' }
  | {
      readonly verdict: 'differs';
      /** The state that differs: the doubted one, or the one after it. */
      readonly state: number;
      readonly computed: Uint8Array;
      readonly claimed: Uint8Array;
    }
  | { readonly verdict: 'unavailable'; readonly reason: string };

/**
 * Computes the inner steps again from the round's base up to the doubted one and compares both of its ends with what
 * was committed. Takes `step + 1` steps of the engine. Moments start at zero, as in every round of an exact run.
 *
 * @param base weights that the round started from; null when they cannot be had.
 * @param shown null when nobody shows it.
 */
export async function replayStep(
  parts: ReplayParts,
  doubted: DoubtedStep,
  base: TensorTable | null,
  shown: ShownStep | null,
): Promise<ReplayVerdict> {
  const { engine, optimiser, sampler, digest, crypto } = parts;
  if (base === null) return unavailable('the weights that the round started from');
  if (sampler === null) return unavailable('the data of the round');
  if (shown === null) return unavailable('the trace of the step');
  const count = doubted.steps + 1;
  const isBefore = { leaf: shown.before, index: doubted.step, count };
  const isAfter = { leaf: shown.after, index: doubted.step + 1, count };
  if (
    !isInTrace(crypto, doubted.traceRoot, isBefore, shown.beforeProof) ||
    !isInTrace(crypto, doubted.traceRoot, isAfter, shown.afterProof)
  )
    return unavailable('the trace of the step: what was shown is not under its root');
  const parameters = new Map(Array.from(base, ([name, values]) => [name, values.slice()]));
  optimiser.reset();
  const hash = (step: number): Promise<Uint8Array> =>
    stateHash(digest, engine.tensors, step, {
      parameters,
      firstMoments: optimiser.firstMoments,
      secondMoments: optimiser.secondMoments,
    });
  for (let step = 0; step <= doubted.step; step += 1) {
    if (step === doubted.step) {
      const computed = await hash(step);
      if (!areBytesEqual(computed, shown.before)) return differs(step, computed, shown.before);
    }
    await parts.turn();
    const { gradients } = await engine.step(parameters, await sampler.batch(step));
    optimiser.step(parameters, gradients, doubted.stepsBefore + step);
  }
  const computed = await hash(doubted.step + 1);
  return areBytesEqual(computed, shown.after)
    ? { verdict: 'equal' }
    : differs(doubted.step + 1, computed, shown.after);
}

function differs(state: number, computed: Uint8Array, claimed: Uint8Array): ReplayVerdict {
  return { verdict: 'differs', state, computed, claimed };
}

function unavailable(what: string): ReplayVerdict {
  return { verdict: 'unavailable', reason: `missing: ${what}` };
}
