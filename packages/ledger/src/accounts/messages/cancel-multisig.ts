import { account, bytes32, struct, type ValueOf } from '@cairn/core';

export const cancelMultisigShape = struct('CancelMultisig', {
  /** The multisig account. */
  multisig: account,
  proposal: bytes32,
});
export type CancelMultisig = ValueOf<typeof cancelMultisigShape>;
