import { list, struct, text, u64, type ValueOf } from '@cairn/core';
import { defineCell } from '../state/table.ts';
import type { Overlay, StateView } from '../state/view.ts';

const pausesShape = list(struct('Pause', { module: text(32), untilSlot: u64 }), 64);
type Pauses = ValueOf<typeof pausesShape>;

/** Modules that stand still: their messages are refused and their hooks do not run. */
export const pausesCell = defineCell<Pauses>('governance', 'pauses', pausesShape, [], {
  isRemembered: true,
});

/** Never paused: what lifts a pause, and the money of people. */
const ALWAYS_LIVE = ['accounts', 'governance'];

export const isAlwaysLive = (module: string): boolean => ALWAYS_LIVE.includes(module);

/** The module of a message such as `channels.claim`. */
export function moduleOf(message: string): string {
  return message.slice(0, message.indexOf('.'));
}

/** The slot at which a module's pause ends; null when it runs. */
export function pausedUntil(view: StateView, module: string): bigint | null {
  return pausesCell.get(view).find((pause) => pause.module === module)?.untilSlot ?? null;
}

/** Pauses a module until a slot, which replaces an earlier pause; one that is not ahead ends it. */
export function setPause(state: Overlay, module: string, untilSlot: bigint, slot: bigint): void {
  const others = pausesCell.get(state).filter((pause) => pause.module !== module);
  pausesCell.set(state, untilSlot > slot ? [...others, { module, untilSlot }] : others);
}

/** Ends the pauses whose time is over. @returns their modules */
export function endPauses(state: Overlay, slot: bigint): string[] {
  const pauses = pausesCell.get(state);
  const over = pauses.filter(({ untilSlot }) => untilSlot <= slot);
  if (over.length > 0)
    pausesCell.set(
      state,
      pauses.filter(({ untilSlot }) => untilSlot > slot),
    );
  return over.map(({ module }) => module);
}
