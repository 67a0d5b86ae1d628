import {
  type AccountId,
  type Amount,
  account,
  bytesToHex,
  list,
  optional,
  struct,
  u64,
  type ValueOf,
} from '@cairn/core';
import { defineCell, defineTable } from '../../state/table.ts';
import type { Overlay, StateView } from '../../state/view.ts';

/** Most departures of an account that still answer for the hotkey they left. */
export const MAX_DEPARTURES = 16;

/** Most slashes of a hotkey that departures are measured against; the oldest is forgotten first. */
const MAX_SLASHES = 32;

/** Bytes that the deposit of a departure is reckoned from: its entry, and its turn in the queue. */
export const DEPARTURE_BYTES = 72;

const departureShape = struct('Departure', {
  /** The hotkey it left, for which it still answers. */
  hotkey: account,
  /** The hotkey it was moved to; null: it was unstaked, and is kept here until it is paid. */
  to: optional(account),
  /** Block in which it left. It was there up to that block. */
  leftHeight: u64,
  /** Pebbles. */
  amount: u64,
  /** Slot from which it is free. No later departure of the account is free earlier. */
  freeSlot: u64,
  /** Refundable deposit of this entry, in pebbles, paid by the coldkey. */
  deposit: u64,
});
export type Departure = ValueOf<typeof departureShape>;

const departuresTable = defineTable(
  'staking',
  'unbonding',
  struct('Departures', { entries: list(departureShape, MAX_DEPARTURES) }),
  { isRemembered: true },
);

/** Root stake of an account that left a hotkey and still answers for it, oldest first. */
export const departures = {
  table: departuresTable,
  get: (view: StateView, coldkey: AccountId): readonly Departure[] =>
    departuresTable.get(view, bytesToHex(coldkey))?.entries ?? [],
  set(state: Overlay, coldkey: AccountId, entries: readonly Departure[]): void {
    const id = bytesToHex(coldkey);
    if (entries.length === 0) departuresTable.delete(state, id);
    else departuresTable.set(state, id, { entries: [...entries] });
  },
};

const slashShape = struct('Slash', {
  /** Block of the offence: stake that left before it is not reached. */
  offenceHeight: u64,
  /** Block in which the stake at the hotkey was cut: what left in it or later was cut with it. */
  height: u64,
  /** Part that is lost, of 2^32. */
  fraction: u64,
});
export type Slash = ValueOf<typeof slashShape>;

const slashesTable = defineTable(
  'staking',
  'slashes',
  struct('Slashes', { slashes: list(slashShape, MAX_SLASHES) }),
);

/** What a hotkey was slashed for, oldest first. Departures are measured against it when they become free. */
export const slashes = {
  get: (view: StateView, hotkey: AccountId): readonly Slash[] =>
    slashesTable.get(view, bytesToHex(hotkey))?.slashes ?? [],
  add(state: Overlay, hotkey: AccountId, slash: Slash): void {
    const kept = [...slashes.get(state, hotkey), slash].slice(-MAX_SLASHES);
    slashesTable.set(state, bytesToHex(hotkey), { slashes: kept });
  },
};

/** What is left of a departure after the slashes of the hotkey it left. Each takes its part rounded down. */
export function leftOf(view: StateView, { hotkey, leftHeight, amount }: Departure): Amount {
  let left = amount;
  for (const { offenceHeight, height, fraction } of slashes.get(view, hotkey))
    if (offenceHeight <= leftHeight && leftHeight < height) left -= (left * fraction) >> 32n;
  return left;
}

const turnShape = struct('Turn', { coldkey: account, freeSlot: u64 });
const turnTable = defineTable('staking', 'release', turnShape, { isRemembered: true });
const queueCell = defineCell(
  'staking',
  'releaseQueue',
  struct('ReleaseQueue', { first: u64, next: u64 }),
  { first: 0n, next: 0n },
  { isRemembered: true },
);

/** Accounts in the order in which their departures become free. */
export const releaseQueue = {
  add(state: Overlay, coldkey: AccountId, freeSlot: bigint): void {
    const { first, next } = queueCell.get(state);
    turnTable.set(state, next.toString(), { coldkey, freeSlot });
    queueCell.set(state, { first, next: next + 1n });
  },
  /** Whose turn is next, and from which slot on; null: nobody waits. */
  first(view: StateView): ValueOf<typeof turnShape> | null {
    const { first, next } = queueCell.get(view);
    return first === next ? null : turnTable.get(view, first.toString())!;
  },
  drop(state: Overlay): void {
    const { first, next } = queueCell.get(state);
    turnTable.delete(state, first.toString());
    queueCell.set(state, { first: first + 1n, next });
  },
};
