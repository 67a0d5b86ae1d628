import { authorizationShape, struct, type ValueOf } from '@cairn/core';

export const associateHotkeyShape = struct('AssociateHotkey', {
  /** The hotkey's own signature over `hotkeySignBytes`: nobody else can claim it. */
  hotkey: authorizationShape,
});
export type AssociateHotkey = ValueOf<typeof associateHotkeyShape>;
