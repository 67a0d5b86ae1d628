import {
  type AccountId,
  account,
  bytesToHex,
  choice,
  concatBytes,
  list,
  optional,
  struct,
  u8,
  u64,
  utf8ToBytes,
  type ValueOf,
} from '@cairn/core';
import { defineTable, type Table } from '../../state/table.ts';
import type { Overlay, StateView } from '../../state/view.ts';

/** Most guardians of an account. */
export const MAX_GUARDIANS = 9;

/** Keys that an account remembers from before; the oldest is forgotten first. */
export const MAX_FORMER_KEYS = 8;

export const keyRecordShape = struct('AccountKey', {
  /** Account of the key that speaks. */
  key: account,
  /** Keys that spoke before, the latest last. Height: the block in which each stopped. */
  former: list(struct('FormerKey', { key: account, untilHeight: u64 }), MAX_FORMER_KEYS),
  /** Who paid the refundable deposit. */
  payer: account,
  deposit: u64,
});
export type AccountKey = ValueOf<typeof keyRecordShape>;

export const keyChangeShape = struct('KeyChange', {
  newKey: account,
  /**
   * `announced` by the account, `recovery`: voted by its guardians, `ruling`: voted by them over a frozen account.
   */
  origin: choice('origin', ['announced', 'recovery', 'ruling'], u8),
  /** First slot in which it can be carried out. */
  readySlot: u64,
  payer: account,
  /** Refundable deposit, which the key's record takes over. */
  deposit: u64,
});
export type KeyChange = ValueOf<typeof keyChangeShape>;

const guardiansShape = struct('Guardians', {
  /** Ascending, each once. */
  guardians: list(account, MAX_GUARDIANS),
  /** How many must agree; 0 with no guardians. */
  threshold: u8,
});
export type Guardians = ValueOf<typeof guardiansShape>;

export const recoveryShape = struct('Recovery', {
  current: guardiansShape,
  /** Guardians that take over from a slot on. */
  next: optional(struct('NextGuardians', { guardians: guardiansShape, fromSlot: u64 })),
  /** For which key each guardian voted last. */
  votes: list(struct('GuardianVote', { guardian: account, newKey: account }), MAX_GUARDIANS),
  /** Slot up to which a dispute froze the account; 0: never, or ruled upon. */
  frozenUntil: u64,
  /** Refundable deposit of this record, paid by the account. */
  deposit: u64,
});
export type Recovery = ValueOf<typeof recoveryShape>;

/** Bytes that the deposits are reckoned from: what the largest record takes. */
export const KEY_BYTES = 408;
export const RECOVERY_BYTES = 1_216;

const byAccount = <T>(table: Table<T>) => ({
  table,
  get: (view: StateView, id: AccountId) => table.get(view, bytesToHex(id)),
  set: (state: Overlay, id: AccountId, value: T) => table.set(state, bytesToHex(id), value),
  delete: (state: Overlay, id: AccountId) => table.delete(state, bytesToHex(id)),
});

/** Keys of accounts that changed theirs. Never deleted: such an account stays for ever. */
export const accountKeys = byAccount(defineTable('accounts', 'key', keyRecordShape));

/** Changes that wait. */
export const keyChanges = byAccount(defineTable('accounts', 'keyChange', keyChangeShape));

export const recoveries = byAccount(defineTable('accounts', 'recovery', recoveryShape));

/** A recovery as it stands at a slot: guardians whose time has come have taken over, and votes are forgotten. */
export function recoveryAt(view: StateView, id: AccountId, slot: bigint): Recovery | undefined {
  const record = recoveries.get(view, id);
  if (record === undefined || record.next === null || slot < record.next.fromSlot) return record;
  return { ...record, current: record.next.guardians, next: null, votes: [] };
}

/** What a key signs to say that it will speak for an account. */
export function keyConsentBytes(chainId: Uint8Array, id: AccountId): Uint8Array {
  return concatBytes(utf8ToBytes('cairn/key-consent/v1'), chainId, id);
}
