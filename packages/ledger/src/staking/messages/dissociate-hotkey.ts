import { account, struct, type ValueOf } from '@cairn/core';

export const dissociateHotkeyShape = struct('DissociateHotkey', { hotkey: account });
export type DissociateHotkey = ValueOf<typeof dissociateHotkeyShape>;
