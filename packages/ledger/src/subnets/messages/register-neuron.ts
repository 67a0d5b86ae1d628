import { account, struct, u16, u64, type ValueOf } from '@cairn/core';

export const registerNeuronShape = struct('RegisterNeuron', {
  netuid: u16,
  hotkey: account,
  /** Most pebbles to pay. */
  burnLimit: u64,
});
export type RegisterNeuron = ValueOf<typeof registerNeuronShape>;
