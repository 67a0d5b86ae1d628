import {
  type AccountId,
  account,
  areBytesEqual,
  bytes32,
  bytesToHex,
  type Crypto,
  concatBytes,
  list,
  struct,
  u32,
  u64,
  u64ToBytes,
  utf8ToBytes,
  type ValueOf,
} from '@cairn/core';
import { callShape } from '../execution/calls.ts';
import { defineCell, defineTable } from '../state/table.ts';
import type { Overlay, StateView } from '../state/view.ts';

/** Most calls of one slot, and most that wait of one account. */
export const MAX_CALLS_OF_SLOT = 64;
export const MAX_CALLS_OF_ACCOUNT = 16;

const scheduledShape = struct('ScheduledCall', {
  owner: account,
  slot: u64,
  call: callShape,
  /** Pebbles paid in advance for the work of the call. */
  prepaid: u64,
  /** Refundable deposit of this record and its two list entries, in pebbles, paid by the owner. */
  deposit: u64,
});
export type ScheduledCall = ValueOf<typeof scheduledShape>;

const agendaShape = struct('Agenda', {
  /** Calls that wait. */
  waiting: u32,
  /** Nothing waits for an earlier slot. Says nothing while none waits. */
  nextSlot: u64,
});

const idsOf = (name: string, max: number) =>
  defineTable('accounts', name, struct('ScheduledIds', { ids: list(bytes32, max) }), { isRemembered: true });
const bySlot = idsOf('agendaSlot', MAX_CALLS_OF_SLOT);
const byOwner = idsOf('scheduledBy', MAX_CALLS_OF_ACCOUNT);
const table = defineTable('accounts', 'scheduled', scheduledShape);

/** Where the agenda is read from on. It changes only while calls wait. */
export const agendaCell = defineCell(
  'accounts',
  'agenda',
  agendaShape,
  { waiting: 0, nextSlot: 0n },
  { isRemembered: true },
);

/** Bytes that the deposit of a scheduled call is reckoned from: the record and its entries in two lists. */
export const scheduledBytes = ({ message }: ScheduledCall['call']): number => 256 + message.length;

const idsIn = (lists: typeof bySlot, view: StateView, id: string) => lists.get(view, id)?.ids ?? [];
function setIds(lists: typeof bySlot, state: Overlay, id: string, ids: Uint8Array[]): void {
  if (ids.length === 0) lists.delete(state, id);
  else lists.set(state, id, { ids });
}
function dropId(lists: typeof bySlot, state: Overlay, id: string, dropped: Uint8Array): void {
  setIds(
    lists,
    state,
    id,
    idsIn(lists, state, id).filter((entry) => !areBytesEqual(entry, dropped)),
  );
}

/** Calls that wait for their slot. Every change keeps the record, both lists and the cell in step. */
export const agenda = {
  table,
  get: (view: StateView, id: Uint8Array) => table.get(view, bytesToHex(id)),
  /** Ids of the calls of a slot, in the order in which they run. */
  ofSlot: (view: StateView, slot: bigint): readonly Uint8Array[] => idsIn(bySlot, view, slot.toString()),
  /** Ids of the calls of an account, oldest first. */
  ofOwner: (view: StateView, owner: AccountId): readonly Uint8Array[] =>
    idsIn(byOwner, view, bytesToHex(owner)),
  /** @param now slot of this block: nothing can be added for it or earlier. */
  add(state: Overlay, id: Uint8Array, call: ScheduledCall, now: bigint): void {
    const { waiting, nextSlot } = agendaCell.get(state);
    agendaCell.set(state, { waiting: waiting + 1, nextSlot: waiting === 0 ? now + 1n : nextSlot });
    table.set(state, bytesToHex(id), call);
    setIds(bySlot, state, call.slot.toString(), [...agenda.ofSlot(state, call.slot), id]);
    setIds(byOwner, state, bytesToHex(call.owner), [...agenda.ofOwner(state, call.owner), id]);
  },
  remove(state: Overlay, id: Uint8Array, { owner, slot }: ScheduledCall): void {
    const { waiting, nextSlot } = agendaCell.get(state);
    agendaCell.set(state, { waiting: waiting - 1, nextSlot });
    table.delete(state, bytesToHex(id));
    dropId(bySlot, state, slot.toString(), id);
    dropId(byOwner, state, bytesToHex(owner), id);
  },
};

/** Id of a scheduled call: the owner's nonce makes it unique on its chain. */
export function scheduledIdOf(
  crypto: Crypto,
  chainId: Uint8Array,
  owner: AccountId,
  nonce: bigint,
): Uint8Array {
  return crypto.sha256(concatBytes(utf8ToBytes('cairn/scheduled/v1'), chainId, owner, u64ToBytes(nonce)));
}
