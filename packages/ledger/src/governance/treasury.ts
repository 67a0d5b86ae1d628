import { type Amount, u64 } from '@cairn/core';
import { defineCell } from '../state/table.ts';
import type { Overlay } from '../state/view.ts';

/** Pebbles of the treasury that no grant has taken. They are part of what is escrowed. */
export const treasuryCell = defineCell('governance', 'treasury', u64, 0n, { isRemembered: true });

/** Adds what a flow has brought into the treasury. */
export function addToTreasury(state: Overlay, amount: Amount): void {
  if (amount > 0n) treasuryCell.set(state, treasuryCell.get(state) + amount);
}
