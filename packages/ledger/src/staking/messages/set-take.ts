import { account, struct, u16, type ValueOf } from '@cairn/core';

export const setTakeShape = struct('SetTake', { hotkey: account, takeBps: u16 });
export type SetTake = ValueOf<typeof setTakeShape>;
