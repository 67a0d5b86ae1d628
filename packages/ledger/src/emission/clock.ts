import { struct, u64, type ValueOf } from '@cairn/core';
import type { Parameters } from '../parameters/table.ts';
import { defineCell } from '../state/table.ts';
import type { Overlay, StateView } from '../state/view.ts';

const clockShape = struct('SlotClock', {
  /** Slots accrued since genesis. */
  slot: u64,
  /** Slots the latest block accrued. */
  latest: u64,
  /** Block time up to which slots were accrued. Milliseconds since 1970. */
  accruedUntilMs: u64,
});
export type SlotClock = ValueOf<typeof clockShape>;

const cell = defineCell('emission', 'clock', clockShape, { slot: 0n, latest: 0n, accruedUntilMs: 0n });

/**
 * Slots of block time. A block accrues the whole slots since the last accrual, at most
 * `maxSlotsPerBlock`; the rest carries over to the next block.
 */
export const clock = {
  get: (view: StateView): SlotClock => cell.get(view),
  start(state: Overlay, timeMs: number): void {
    cell.set(state, { slot: 0n, latest: 0n, accruedUntilMs: BigInt(timeMs) });
  },
  /** @returns the slot after accrual */
  advance(state: Overlay, parameters: Parameters, timeMs: number): bigint {
    const { slot, accruedUntilMs } = cell.get(state);
    const elapsed = BigInt(timeMs) - accruedUntilMs;
    const whole = elapsed > 0n ? elapsed / parameters.slotMs : 0n;
    const latest = whole > parameters.maxSlotsPerBlock ? parameters.maxSlotsPerBlock : whole;
    cell.set(state, {
      slot: slot + latest,
      latest,
      accruedUntilMs: accruedUntilMs + latest * parameters.slotMs,
    });
    return slot + latest;
  },
};
