import { account, struct, u16, u64, type ValueOf } from '@cairn/core';

export const stakeTokensShape = struct('StakeTokens', {
  netuid: u16,
  hotkey: account,
  /** In 1e-9 token. */
  amount: u64,
});
export type StakeTokens = ValueOf<typeof stakeTokensShape>;
