import { account, bool, struct, u16, u64, type ValueOf } from '@cairn/core';

export const lockStakeShape = struct('LockStake', {
  netuid: u16,
  hotkey: account,
  /** In 1e-9 token, on top of what is locked there; 0 only makes a decaying lock perpetual. */
  amount: u64,
  /** true: all of the lock stays until `staking.unlock`; false: it decays from now on. */
  isPerpetual: bool,
});
export type LockStake = ValueOf<typeof lockStakeShape>;
