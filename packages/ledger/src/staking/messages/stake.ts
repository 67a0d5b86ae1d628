import { account, struct, u64, type ValueOf } from '@cairn/core';

export const stakeShape = struct('Stake', {
  hotkey: account,
  /** Most pebbles to stake; what does not buy a whole share is not taken. */
  amount: u64,
});
export type Stake = ValueOf<typeof stakeShape>;
