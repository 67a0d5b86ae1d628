import { struct, u8, u32, type ValueOf } from '@cairn/core';

export const refundFundShape = struct('RefundFund', {
  fund: u32,
  /** Most contributions to give back, 1 to 50; what is not used is paid for nonetheless. */
  limit: u8,
});
export type RefundFund = ValueOf<typeof refundFundShape>;
