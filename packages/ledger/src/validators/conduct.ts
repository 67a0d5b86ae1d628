import {
  type AccountId,
  account,
  areBytesEqual,
  bool,
  bytes32,
  bytesToHex,
  choice,
  list,
  struct,
  u8,
  u32,
  u64,
  type ValueOf,
} from '@cairn/core';
import { defineCell, defineTable } from '../state/table.ts';
import type { Overlay, StateView } from '../state/view.ts';
import { rosterCell, type Validator } from './state.ts';

/** What a validator can be punished for: CometBFT's two kinds of evidence, and not voting. */
export const FAULT_KINDS = ['duplicateVote', 'lightClientAttack', 'downtime'] as const;

/** Faults kept of each validator, the oldest forgotten first. */
const MAX_FAULTS = 8;
/** Keys that left and still answer for what they signed, the oldest forgotten first. */
const MAX_DEPARTED = 1_024;
/** Slot that never comes. */
export const NEVER = (1n << 64n) - 1n;

const faultShape = struct('Fault', {
  kind: choice('kind', FAULT_KINDS, u8),
  /** Block of the offence; of downtime the block that counted it. */
  height: u64,
  /** Slot in which it was punished. */
  slot: u64,
  /** Pebbles of stake lost at once. What is unbonding loses its part when it becomes free. */
  slashed: u64,
});
export type Fault = ValueOf<typeof faultShape>;

const conductShape = struct('Conduct', {
  /** Slot from which it may ask to vote again; 0: it is not jailed; `NEVER` for a key that signed twice. */
  jailedUntil: u64,
  /** Whether the key signed twice: it never votes again, whoever it belongs to. */
  isTombstoned: bool,
  /** Oldest first. */
  faults: list(faultShape, MAX_FAULTS),
});
export type Conduct = ValueOf<typeof conductShape>;

const BLAMELESS: Conduct = { jailedUntil: 0n, isTombstoned: false, faults: [] };

const conductTable = defineTable('validators', 'conduct', conductShape, { isRemembered: true });

/** What consensus keys were punished for, by the key's account. Kept for good: a key that signed twice stays known. */
export const conducts = {
  get: (view: StateView, id: AccountId): Conduct => conductTable.get(view, bytesToHex(id)) ?? BLAMELESS,
  set: (state: Overlay, id: AccountId, conduct: Conduct): void =>
    conductTable.set(state, bytesToHex(id), { ...conduct, faults: conduct.faults.slice(-MAX_FAULTS) }),
};

/** Jailed: its votes are taken from it until it asks for them, in `jailedUntil` at the earliest. */
export const isJailed = (view: StateView, id: AccountId): boolean => conducts.get(view, id).jailedUntil > 0n;

const missedShape = struct('Missed', {
  /** Block of the latest update of powers. */
  sinceHeight: u64,
  /** Votes that were not there, by who should have cast them. Only who missed one is here. */
  missed: list(struct('MissedVotes', { id: account, votes: u32 }), 1_024),
});

/** Votes since the powers were updated last. */
export const missedCell = defineCell<ValueOf<typeof missedShape>>('validators', 'missed', missedShape, {
  sinceHeight: 0n,
  missed: [],
});

const departedShape = struct('Departed', {
  id: account,
  publicKey: bytes32,
  /** The hotkey it voted for. */
  account,
  /** Slot until which evidence against it counts: as long as stake that left with it is unbonding. */
  untilSlot: u64,
});
export type Departed = ValueOf<typeof departedShape>;

/** Keys that are off the roster and still answer for what they signed, oldest first. */
const departedCell = defineCell<Departed[]>('validators', 'departed', list(departedShape, MAX_DEPARTED), [], {
  isRemembered: true,
});

/** Adds keys that leave the roster, and forgets those whose time is over. */
export function addDeparted(state: Overlay, slot: bigint, left: readonly Departed[]): void {
  const before = departedCell.get(state).filter(({ untilSlot }) => untilSlot > slot);
  departedCell.set(state, [...before, ...left].slice(-MAX_DEPARTED));
}

/** A key that votes, or did not long ago. */
export type Answerable = Pick<Validator, 'id' | 'publicKey' | 'account'> & {
  /** Null when it is off the roster. */
  readonly entry: Validator | null;
};

/** Who answers for what a consensus key signed; undefined when nobody does any more. */
export function answerableFor(view: StateView, id: AccountId, slot: bigint): Answerable | undefined {
  const entry = rosterCell.get(view).validators.find((other) => areBytesEqual(other.id, id));
  if (entry !== undefined) return { ...entry, entry };
  const left = departedCell.get(view).find((other) => areBytesEqual(other.id, id) && other.untilSlot > slot);
  return left === undefined ? undefined : { ...left, entry: null };
}

/** The keys on the roster, and those off it that still answer for what they signed. */
export function answerableKeys(
  view: StateView,
): readonly { readonly id: AccountId; readonly publicKey: Uint8Array }[] {
  return [...rosterCell.get(view).validators, ...departedCell.get(view)];
}

/** What keeps a hotkey from voting with another key; null when nothing does. */
export function barOf(
  view: StateView,
  hotkey: AccountId,
  slot: bigint,
): { readonly id: AccountId; readonly conduct: Conduct } | null {
  const left = departedCell.get(view).filter(({ untilSlot }) => untilSlot > slot);
  const keys = [...rosterCell.get(view).validators, ...left];
  const barred = keys.find(
    ({ id, account: of }) => areBytesEqual(of, hotkey) && conducts.get(view, id).jailedUntil > 0n,
  );
  return barred === undefined ? null : { id: barred.id, conduct: conducts.get(view, barred.id) };
}
