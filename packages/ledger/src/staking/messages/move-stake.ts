import { account, optional, struct, u16, u64, type ValueOf } from '@cairn/core';

export const moveStakeShape = struct('MoveStake', {
  /** 0: CAIRN on root; else the subnet whose tokens move. */
  netuid: u16,
  from: account,
  to: account,
  /** Least to move, up to one share's worth more moves; null: everything. */
  amount: optional(u64),
});
export type MoveStake = ValueOf<typeof moveStakeShape>;
