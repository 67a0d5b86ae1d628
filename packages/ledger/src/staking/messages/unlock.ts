import { account, struct, u16, type ValueOf } from '@cairn/core';

export const unlockShape = struct('Unlock', { netuid: u16, hotkey: account });
export type Unlock = ValueOf<typeof unlockShape>;
