import { account, authorizationShape, list, struct, u8, type ValueOf } from '@cairn/core';
import { MAX_GUARDIANS } from '../keys/state.ts';

export const announceKeyChangeShape = struct('AnnounceKeyChange', {
  /** Account of the new key. */
  newKey: account,
});
export type AnnounceKeyChange = ValueOf<typeof announceKeyChangeShape>;

export const changeKeyShape = struct('ChangeKey', {
  account,
  /** The new key's signature over the chain and the account: it exists and agrees. */
  consent: authorizationShape,
});
export type ChangeKey = ValueOf<typeof changeKeyShape>;

/** Names an account whose key is in question. */
export const disputedAccountShape = struct('DisputedAccount', { account });
export type DisputedAccount = ValueOf<typeof disputedAccountShape>;

export const setRecoveryShape = struct('SetRecovery', {
  /** Ascending, each once; none: no guardians. */
  guardians: list(account, MAX_GUARDIANS),
  /** How many must agree; 0 with no guardians. */
  threshold: u8,
});
export type SetRecovery = ValueOf<typeof setRecoveryShape>;

export const approveRecoveryShape = struct('ApproveRecovery', {
  account,
  /** Account of the key that shall speak for it. */
  newKey: account,
});
export type ApproveRecovery = ValueOf<typeof approveRecoveryShape>;
