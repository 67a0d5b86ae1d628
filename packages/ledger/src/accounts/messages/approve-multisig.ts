import { account, bytes32, list, optional, struct, u8, type ValueOf } from '@cairn/core';
import { callShape } from '../../execution/calls.ts';
import { MAX_MULTISIG_MEMBERS } from '../multisig.ts';

export const approveMultisigShape = struct('ApproveMultisig', {
  /** All members of the multisig account, the sender among them, in any order. */
  members: list(account, MAX_MULTISIG_MEMBERS),
  /** How many of them a call needs. With the members it makes the account. */
  threshold: u8,
  /** Hash of the call that is approved. */
  callHash: bytes32,
  /** The call itself. The approval that reaches the threshold needs it. */
  call: optional(callShape),
  /** The proposal that is joined, as the first approval's event gives it; null: this is the first approval. */
  proposal: optional(bytes32),
});
export type ApproveMultisig = ValueOf<typeof approveMultisigShape>;
