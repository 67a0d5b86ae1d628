import { type AccountId, bool, bytesToHex, struct, u32, u64, type ValueOf } from '@cairn/core';
import { defineTable } from '../state/table.ts';

export const accountShape = struct('Account', {
  /** Transactions sent. */
  nonce: u64,
  /** Pebbles that can be spent. */
  spendable: u64,
  /** Refundable deposit of this record, in pebbles. */
  deposit: u64,
  /** Records this account paid a deposit for; it can only be closed at zero. */
  records: u32,
  /** Whether another key than the one the account is named after speaks for it: see `accounts_keys`. */
  isKeyChanged: bool,
  /** Whether a dispute over its key froze it: see `accounts_keys`. */
  isFrozen: bool,
});
export type Account = ValueOf<typeof accountShape>;

const table = defineTable('accounts', 'account', accountShape, { isRemembered: true });

export const accounts = {
  table,
  get: (view: Parameters<typeof table.get>[0], id: AccountId) => table.get(view, bytesToHex(id)),
  set: (state: Parameters<typeof table.set>[0], id: AccountId, value: Account) =>
    table.set(state, bytesToHex(id), value),
  delete: (state: Parameters<typeof table.delete>[0], id: AccountId) => table.delete(state, bytesToHex(id)),
};
