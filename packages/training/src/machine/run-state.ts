import { type Crypto, u64ToBytes } from '@cairn/core';
import type { TensorShape, TensorTable } from '@cairn/protocol';
import type { RunState } from '../aggregate/outer-step.ts';
import type { Units } from '../update/change.ts';
import { createInitialWeights } from '../weights/initial-weights.ts';
import { listPages, type PageList, weightRootOf } from '../weights/pages.ts';
import type { RunPlan } from './run-plan.ts';

/** What stands before the name of a tensor whose momentum is kept. */
const MOMENTUM = 'momentum.';

/**
 * Tensors of everything that the next round depends on, whose root is on the ledger: the weights, and under an outer
 * rule with momentum that too, as 32-bit whole numbers.
 */
export function stateTensors({ table, rule }: Pick<RunPlan, 'table' | 'rule'>): TensorShape[] {
  if (rule.kind === 'sparse') return [...table];
  return [...table, ...table.map(({ name, shape }) => ({ name: MOMENTUM + name, shape }))];
}

/** A state as tensors, which share its memory. The bits of momentum are whole numbers, not floats: only copy them. */
export function stateToTensors(
  { table, rule }: Pick<RunPlan, 'table' | 'rule'>,
  state: RunState,
): TensorTable {
  if (rule.kind === 'sparse') return state.weights;
  const tensors = new Map(state.weights);
  for (const { name, shape } of table) {
    const units =
      state.momentum.get(name) ?? new Int32Array(shape.reduce((size, length) => size * length, 1));
    tensors.set(MOMENTUM + name, new Float32Array(units.buffer, units.byteOffset, units.length));
  }
  return tensors;
}

/** The opposite of `stateToTensors`. */
export function tensorsToState(
  { table, rule }: Pick<RunPlan, 'table' | 'rule'>,
  tensors: TensorTable,
): RunState {
  const weights = new Map(table.map(({ name }) => [name, tensors.get(name)!]));
  if (rule.kind === 'sparse') return { weights, momentum: new Map() };
  const momentum = new Map(
    table.map(({ name }) => {
      const bits = tensors.get(MOMENTUM + name)!;
      return [name, new Int32Array(bits.buffer, bits.byteOffset, bits.length)] as const;
    }),
  );
  return { weights, momentum };
}

/** The pages of a state. */
export function listStatePages(
  crypto: Crypto,
  plan: Pick<RunPlan, 'table' | 'rule'>,
  state: RunState,
): PageList {
  return listPages(crypto, stateTensors(plan), stateToTensors(plan, state));
}

/** What names a state on the ledger. */
export function stateRootOf(
  crypto: Crypto,
  plan: Pick<RunPlan, 'table' | 'rule'>,
  state: RunState,
): Uint8Array {
  return weightRootOf(crypto, listStatePages(crypto, plan, state));
}

/** The state that a seed makes: what a run begins with that goes on from no other. */
export function initialState(crypto: Crypto, { table }: Pick<RunPlan, 'table'>, seed: number): RunState {
  return { weights: createInitialWeights(crypto, u64ToBytes(BigInt(seed)), table), momentum: new Map() };
}

/** What an update left unsent, as tensors that share its memory. The bits are whole numbers: only copy them. */
export function unitsToTensors(units: Units): TensorTable {
  return new Map(
    Array.from(units, ([name, values]) => [
      name,
      new Float32Array(values.buffer, values.byteOffset, values.length),
    ]),
  );
}

/** The opposite of `unitsToTensors`. */
export function tensorsToUnits(tensors: TensorTable): Units {
  return new Map(
    Array.from(tensors, ([name, bits]) => [name, new Int32Array(bits.buffer, bits.byteOffset, bits.length)]),
  );
}
