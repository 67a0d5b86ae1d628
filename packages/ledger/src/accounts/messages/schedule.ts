import { struct, u64, type ValueOf } from '@cairn/core';
import { callShape } from '../../execution/calls.ts';

export const scheduleShape = struct('Schedule', {
  /** Slot from which on the call runs, by the sender. */
  slot: u64,
  call: callShape,
});
export type Schedule = ValueOf<typeof scheduleShape>;
