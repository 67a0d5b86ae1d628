import type { TensorShape, TensorTable } from '@cairn/protocol';
import type { Units } from '../update/change.ts';
import { FIXED_UNIT, MAX_UNITS, type Update } from '../update/format.ts';
import { aggregateUpdates } from './aggregate.ts';

/** How the weights follow what the trainers say together. */
export type OuterRule =
  | { readonly kind: 'sparse'; readonly learningRate: number }
  | {
      readonly kind: 'dense';
      readonly learningRate: number;
      /** Nesterov's, kept from round to round. */
      readonly momentum: number;
    };

/** What a run is between two rounds: every node has the same one. */
export interface RunState {
  readonly weights: TensorTable;
  /** In units of 2⁻²⁴. Empty under a rule without momentum. */
  readonly momentum: Units;
}

/**
 * The weights after a round, from those before and its accepted updates in roster order. The same bits on every
 * machine: whole numbers, and of floats only single products, differences and rounding. Without updates nothing
 * changes. O(contributors × values sent + weights).
 */
export function applyRound(
  table: readonly TensorShape[],
  rule: OuterRule,
  state: RunState,
  updates: readonly Update[],
): RunState {
  if (updates.length === 0) return state;
  return stepOuter(table, rule, state, aggregateUpdates(table, updates));
}

/** One step of the outer optimiser along what the trainers say together. */
export function stepOuter(
  table: readonly TensorShape[],
  rule: OuterRule,
  { weights, momentum }: RunState,
  together: Units,
): RunState {
  const nextWeights = new Map<string, Float32Array>();
  const nextMomentum = new Map<string, Int32Array>();
  for (const { name } of table) {
    const change = together.get(name)!;
    const after = weights.get(name)!.slice();
    if (rule.kind === 'sparse') moveAlong(after, change, rule.learningRate);
    else {
      const velocity = nextVelocity(momentum.get(name), change, rule.momentum);
      moveAhead(after, change, velocity, rule);
      nextMomentum.set(name, velocity);
    }
    nextWeights.set(name, after);
  }
  return { weights: nextWeights, momentum: nextMomentum };
}

/** Most values of a sparse round stay as they are. */
function moveAlong(weights: Float32Array, change: Int32Array, learningRate: number): void {
  for (let i = 0; i < weights.length; i += 1)
    if (change[i] !== 0) weights[i]! -= Math.floor(learningRate * change[i]! + 0.5) / FIXED_UNIT;
}

function moveAhead(
  weights: Float32Array,
  change: Int32Array,
  velocity: Int32Array,
  { learningRate, momentum }: Extract<OuterRule, { kind: 'dense' }>,
): void {
  for (let i = 0; i < weights.length; i += 1) {
    const ahead = change[i]! + Math.floor(momentum * velocity[i]! + 0.5);
    weights[i]! -= Math.floor(learningRate * ahead + 0.5) / FIXED_UNIT;
  }
}

function nextVelocity(before: Int32Array | undefined, change: Int32Array, momentum: number): Int32Array {
  const velocity = new Int32Array(change.length);
  for (let i = 0; i < velocity.length; i += 1) {
    const kept = before === undefined ? 0 : Math.floor(before[i]! * momentum + 0.5);
    velocity[i] = Math.max(-MAX_UNITS, Math.min(MAX_UNITS, kept + change[i]!));
  }
  return velocity;
}
