import type { AccountId } from '@cairn/core';
import type { StateView } from '../state/view.ts';
import { hotkeys } from './state.ts';

/** Where money earned by an account goes: to the coldkey that owns it when it is a hotkey, else to itself. */
export function payoutAccountOf(view: StateView, id: AccountId): AccountId {
  return hotkeys.get(view, id)?.owner ?? id;
}
