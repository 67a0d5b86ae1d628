import { bool, struct, u32, type ValueOf } from '@cairn/core';

export const withdrawContributionShape = struct('WithdrawContribution', {
  fund: u32,
  /** Of a finalised fund: whether to give up the record of the share too, for its deposit. */
  isForgone: bool,
});
export type WithdrawContribution = ValueOf<typeof withdrawContributionShape>;
