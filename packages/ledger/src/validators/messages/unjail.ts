import { account, struct, type ValueOf } from '@cairn/core';

export const unjailValidatorShape = struct('UnjailValidator', {
  /** Account of the consensus key that is to vote again. */
  validator: account,
});
export type UnjailValidator = ValueOf<typeof unjailValidatorShape>;
