import { type Amount, list, struct, u16, u64, type ValueOf } from '@cairn/core';
import { defineCell } from '../state/table.ts';
import type { Overlay, StateView } from '../state/view.ts';

const pendingShape = list(struct('PendingEmission', { netuid: u16, amount: u64 }), 4_096);
type Pending = ValueOf<typeof pendingShape>;

/** Tokens of each subnet minted and not yet paid: subnets with a neuron, ascending by netuid. */
export const pendingCell = defineCell<Pending>('emission', 'pending', pendingShape, []);

export function pendingOf(view: StateView, netuid: number): Amount {
  return pendingCell.get(view).find((entry) => entry.netuid === netuid)?.amount ?? 0n;
}

/** Lets a subnet share in what is minted from now on. */
export function startEmission(state: Overlay, netuid: number): void {
  const others = pendingCell.get(state);
  pendingCell.set(
    state,
    [...others, { netuid, amount: 0n }].sort((a, b) => a.netuid - b.netuid),
  );
}

/** Takes a subnet out of what is minted from now on. @returns tokens that were pending, which the caller books */
export function stopEmission(state: Overlay, netuid: number): Amount {
  const amount = pendingOf(state, netuid);
  const left = pendingCell.get(state).filter((entry) => entry.netuid !== netuid);
  pendingCell.set(state, left);
  return amount;
}

/** Empties the pending emission of a subnet and returns what was in it; the caller pays it out. */
export function takePending(state: Overlay, netuid: number): Amount {
  const amount = pendingOf(state, netuid);
  if (amount > 0n) {
    const emptied = pendingCell
      .get(state)
      .map((entry) => (entry.netuid === netuid ? { netuid, amount: 0n } : entry));
    pendingCell.set(state, emptied);
  }
  return amount;
}
