import { account, optional, struct, u16, type ValueOf } from '@cairn/core';

export const setAutoStakeShape = struct('SetAutoStake', {
  netuid: u16,
  /** Where the sender's miners' income of the subnet is staked; null: nowhere, it stays in the account. */
  hotkey: optional(account),
});
export type SetAutoStake = ValueOf<typeof setAutoStakeShape>;
