import { account, struct, text, u64, type ValueOf } from '@cairn/core';
import { MAX_SUBNET_NAME_BYTES } from '../../subnets/state.ts';

export const openFundShape = struct('OpenFund', {
  /** Name of the subnet to be. */
  name: text(MAX_SUBNET_NAME_BYTES),
  /** Who will own it, such as a multisig. */
  owner: account,
  /** Pebbles wanted, and the most that are taken. */
  goal: u64,
  /** Least pebbles of a contribution, at least a 500th of the goal; the last may be less. */
  minContribution: u64,
  /** Last slot in which it takes contributions. */
  endSlot: u64,
});
export type OpenFund = ValueOf<typeof openFundShape>;
