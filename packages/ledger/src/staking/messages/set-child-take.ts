import { account, struct, u16, type ValueOf } from '@cairn/core';

export const setChildTakeShape = struct('SetChildTake', {
  netuid: u16,
  hotkey: account,
  takeBps: u16,
});
export type SetChildTake = ValueOf<typeof setChildTakeShape>;
