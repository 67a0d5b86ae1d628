import { account, optional, struct, u64, type ValueOf } from '@cairn/core';

export const unstakeShape = struct('Unstake', {
  hotkey: account,
  /** Least pebbles to take out, up to one share's worth more are paid; null: the whole position. */
  amount: optional(u64),
});
export type Unstake = ValueOf<typeof unstakeShape>;
