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
    /** Block time up to which they were counted, in milliseconds since 1970, and height of the block that counted last. */
    countedUntilMs: u64,
    seenHeight: u64,
  }),
  { slots: 0n, countedUntilMs: 0n, seenHeight: 0n },
);

/** The time of runs: it stands still while the module is paused, so that no window closes in a pause. */
export const trainingSlot = (view: StateView): bigint => clockCell.get(view).slots;

/**
 * Counts the slots since the block before, if that was counted as well. Of a halt of the chain at most
 * `maxSlotsPerBlock` count. The slots of emission carry the rest over and then run several times as fast as people and
 * machines do: rounds would end before anybody has trained.
 */
export function advanceTrainingClock({ state, block, parameters }: BlockContext): void {
  if (openRunsCell.get(state).length === 0) return;
  const { slots, countedUntilMs, seenHeight } = clockCell.get(state);
  const { slotMs, maxSlotsPerBlock } = parameters;
  const [height, timeMs] = [BigInt(block.height), BigInt(block.timeMs)];
  const isNext = seenHeight + 1n === height;
  const elapsedMs = isNext && timeMs > countedUntilMs ? timeMs - countedUntilMs : 0n;
  const passed = elapsedMs / slotMs;
  clockCell.set(state, {
    slots: slots + (passed > maxSlotsPerBlock ? maxSlotsPerBlock : passed),
    countedUntilMs: isNext ? countedUntilMs + passed * slotMs : timeMs,
    seenHeight: height,
  });
}
