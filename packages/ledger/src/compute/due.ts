import { areBytesEqual, bytes32, list, struct, u32, u64 } from '@cairn/core';
import { defineCell, defineTable } from '../state/table.ts';
import type { Overlay, StateView } from '../state/view.ts';

/** Most leases that are settled in one slot, and most that run at a time: a search for a slot with room stays short. */
const MAX_DUE_OF_SLOT = 256;
export const MAX_LEASES = 10_000;

/** Slots before the wished one that are tried: being settled early costs nobody anything. */
const MAX_EARLIER = 8n;

const bySlot = defineTable(
  'compute',
  'due',
  struct('LeasesDue', { leases: list(bytes32, MAX_DUE_OF_SLOT) }),
  {
    isRemembered: true,
  },
);

/** Where the index is read from on. It changes only while leases run. */
export const dueCell = defineCell(
  'compute',
  'dueFrom',
  struct('LeasesDueFrom', {
    /** Leases that run. */
    running: u32,
    /** Nothing is due in an earlier slot. Says nothing while none runs. */
    nextSlot: u64,
  }),
  { running: 0, nextSlot: 0n },
  { isRemembered: true },
);

const idsOf = (view: StateView, slot: bigint): readonly Uint8Array[] =>
  bySlot.get(view, slot.toString())?.leases ?? [];

/** Leases by the slot in which they are settled next. */
export const due = {
  ofSlot: idsOf,
  /** Lists a lease near a wished slot after `now`: before it if there is room, else at the next slot with room. */
  add(state: Overlay, lease: Uint8Array, wished: bigint, now: bigint): bigint {
    const { running, nextSlot } = dueCell.get(state);
    dueCell.set(state, { running: running + 1, nextSlot: running === 0 ? now + 1n : nextSlot });
    const hasRoom = (slot: bigint) => idsOf(state, slot).length < MAX_DUE_OF_SLOT;
    const target = wished > now ? wished : now + 1n;
    let slot = target;
    while (!hasRoom(slot) && slot > now + 1n && target - slot < MAX_EARLIER) slot -= 1n;
    if (!hasRoom(slot)) slot = target + 1n;
    while (!hasRoom(slot)) slot += 1n;
    bySlot.set(state, slot.toString(), { leases: [...idsOf(state, slot), lease] });
    return slot;
  },
  remove(state: Overlay, lease: Uint8Array, slot: bigint): void {
    const { running, nextSlot } = dueCell.get(state);
    dueCell.set(state, { running: running - 1, nextSlot });
    const left = idsOf(state, slot).filter((id) => !areBytesEqual(id, lease));
    if (left.length === 0) bySlot.delete(state, slot.toString());
    else bySlot.set(state, slot.toString(), { leases: left });
  },
};
