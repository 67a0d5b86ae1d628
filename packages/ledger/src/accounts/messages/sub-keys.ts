import { account, struct, type ValueOf } from '@cairn/core';
import { callShape } from '../../execution/calls.ts';
import { subKeyLimitsShape } from '../sub-keys/state.ts';

export const setSubKeyShape = struct('SetSubKey', {
  /** Account that may spend. */
  key: account,
  limits: subKeyLimitsShape,
});
export type SetSubKey = ValueOf<typeof setSubKeyShape>;

export const removeSubKeyShape = struct('RemoveSubKey', { owner: account, key: account });
export type RemoveSubKey = ValueOf<typeof removeSubKeyShape>;

export const spendAsShape = struct('SpendAs', {
  /** Whose money it is. */
  owner: account,
  call: callShape,
});
export type SpendAs = ValueOf<typeof spendAsShape>;
