import { struct, u64 } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';
import { defineCell } from '../state/table.ts';
import type { StateView } from '../state/view.ts';
import { openRunsCell } from './run.ts';

const clockCell = defineCell(
  'training',
  'clock',
  struct('TrainingClock', {
    /** Slots that passed while runs were open and this module was live. */
    slots: u64,
    /** Slot and height of the block that counted last. */
    seenSlot: u64,
    seenHeight: u64,
  }),
  { slots: 0n, seenSlot: 0n, seenHeight: 0n },
);

/** The time of runs: it stands still while the module is paused, so that no window closes in a pause. */
export const trainingSlot = (view: StateView): bigint => clockCell.get(view).slots;

/** Counts the slots since the block before, if that was counted as well. */
export function advanceTrainingClock({ state, slot, block }: BlockContext): void {
  if (openRunsCell.get(state).length === 0) return;
  const { slots, seenSlot, seenHeight } = clockCell.get(state);
  const height = BigInt(block.height);
  const passed = seenHeight + 1n === height ? slot - seenSlot : 0n;
  clockCell.set(state, { slots: slots + passed, seenSlot: slot, seenHeight: height });
}
