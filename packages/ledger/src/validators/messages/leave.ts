import { account, struct, type ValueOf } from '@cairn/core';

export const leaveValidatorsShape = struct('LeaveValidators', {
  /** Account of the consensus key that stops to vote. */
  validator: account,
});
export type LeaveValidators = ValueOf<typeof leaveValidatorsShape>;
