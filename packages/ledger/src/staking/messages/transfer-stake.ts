import { account, optional, struct, u16, u64, type ValueOf } from '@cairn/core';

export const transferStakeShape = struct('TransferStake', {
  /** 0: CAIRN on root; else the subnet whose tokens they are. */
  netuid: u16,
  hotkey: account,
  /** The coldkey that gets the stake. */
  to: account,
  /** Least to give, up to one share's worth more goes; null: everything. */
  amount: optional(u64),
});
export type TransferStake = ValueOf<typeof transferStakeShape>;
