import { account, optional, struct, u16, u64, type ValueOf } from '@cairn/core';

export const unstakeTokensShape = struct('UnstakeTokens', {
  netuid: u16,
  hotkey: account,
  /** In 1e-9 token; null: everything. */
  amount: optional(u64),
});
export type UnstakeTokens = ValueOf<typeof unstakeTokensShape>;
