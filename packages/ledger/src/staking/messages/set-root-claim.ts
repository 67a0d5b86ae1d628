import { account, choice, optional, struct, u8, u64, type ValueOf } from '@cairn/core';

export const setRootClaimShape = struct('SetRootClaim', {
  hotkey: account,
  /** `swap`: dividends are sold for CAIRN, which adds to the stake. `keep`: they are kept in the subnets' tokens. */
  kind: choice('kind', ['swap', 'keep'], u8),
  /** Least root stake at the hotkey to change, up to one share's worth more; null: all of it. */
  amount: optional(u64),
});
export type SetRootClaim = ValueOf<typeof setRootClaimShape>;
