import { list, struct, text, u16, u64, type ValueOf } from '@cairn/core';

export const setHyperparametersShape = struct('SetHyperparameters', {
  netuid: u16,
  /** Names of the table of hyperparameters, each with its new value. */
  changes: list(struct('HyperparameterChange', { name: text(32), value: u64 }), 32),
});
export type SetHyperparameters = ValueOf<typeof setHyperparametersShape>;
