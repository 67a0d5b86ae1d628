import { account, struct, u16, u64, type ValueOf } from '@cairn/core';

export const transferTokensShape = struct('TransferTokens', {
  netuid: u16,
  to: account,
  /** In 1e-9 token. */
  amount: u64,
});
export type TransferTokens = ValueOf<typeof transferTokensShape>;
