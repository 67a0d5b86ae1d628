import { list, struct, u16, type ValueOf } from '@cairn/core';
import { MAX_MECHANISMS } from '../hyperparameters.ts';

export const setMechanismsShape = struct('SetMechanisms', {
  netuid: u16,
  /** Part of the emission of each mechanism from the next epoch on, of 65,535; zeros are allowed. */
  split: list(u16, MAX_MECHANISMS),
});
export type SetMechanisms = ValueOf<typeof setMechanismsShape>;
