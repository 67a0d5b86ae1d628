import { bytesToHex } from '@cairn/core';
import { unusable } from '../errors.ts';
import type { RootedState } from '../machine/machine.ts';

/** Weights in memory, by their root in hex. */
export interface StateMemory {
  /** @returns the root of the state */
  keep(state: RootedState): string;
  /** @throws TrainingError `ROUND_UNUSABLE` when it is not here, or no more */
  stateOf(root: string): RootedState;
  has(root: string): boolean;
}

/** @param most states that are kept: those used last */
export function createStateMemory(most: number): StateMemory {
  /** The latest used last. */
  const states = new Map<string, RootedState>();

  function keep(state: RootedState): string {
    const root = bytesToHex(state.root);
    states.delete(root);
    states.set(root, state);
    while (states.size > most) states.delete(states.keys().next().value as string);
    return root;
  }

  return {
    keep,
    stateOf(root) {
      const state = states.get(root);
      if (state === undefined) throw unusable(`the weights ${root} are not in memory`);
      keep(state);
      return state;
    },
    has: (root) => states.has(root),
  };
}
