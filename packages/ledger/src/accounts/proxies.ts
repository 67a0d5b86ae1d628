import {
  type AccountId,
  account,
  accountIdToAddress,
  areBytesEqual,
  bytes32,
  bytesToHex,
  list,
  struct,
  u32,
  u64,
  type ValueOf,
} from '@cairn/core';
import { problem, type TransactionProblem } from '../execution/message.ts';
import { defineTable } from '../state/table.ts';
import type { Overlay, StateView } from '../state/view.ts';
import { purposeShape } from './purposes.ts';

export const MAX_PROXIES = 20;
export const MAX_ANNOUNCEMENTS = 16;

/** Bytes that the deposits of one entry of each list are reckoned from. */
export const PROXY_BYTES = 45;
export const ANNOUNCEMENT_BYTES = 48;

export const proxyShape = struct('Proxy', {
  delegate: account,
  purpose: purposeShape,
  /** Slots between announcing a call and running it; 0: calls run at once. */
  delaySlots: u32,
  /** Refundable deposit of this entry, in pebbles, paid by the owner. */
  deposit: u64,
});
export type ProxyEntry = ValueOf<typeof proxyShape>;

export const announcementShape = struct('ProxyAnnouncement', {
  callHash: bytes32,
  /** Slot of the announcement. */
  slot: u64,
  /** Refundable deposit of this entry, in pebbles, paid by the delegate. */
  deposit: u64,
});
export type Announcement = ValueOf<typeof announcementShape>;

const delegates = defineTable(
  'accounts',
  'proxies',
  struct('Proxies', { proxies: list(proxyShape, MAX_PROXIES) }),
);
const announced = defineTable(
  'accounts',
  'announcements',
  struct('ProxyAnnouncements', { calls: list(announcementShape, MAX_ANNOUNCEMENTS) }),
);

/** Who may act for an owner. An empty list is not kept. */
export const proxies = {
  table: delegates,
  of: (view: StateView, owner: AccountId): readonly ProxyEntry[] =>
    delegates.get(view, bytesToHex(owner))?.proxies ?? [],
  find: (view: StateView, owner: AccountId, delegate: AccountId): ProxyEntry | undefined =>
    proxies.of(view, owner).find((proxy) => areBytesEqual(proxy.delegate, delegate)),
  set(state: Overlay, owner: AccountId, kept: readonly ProxyEntry[]): void {
    if (kept.length === 0) delegates.delete(state, bytesToHex(owner));
    else delegates.set(state, bytesToHex(owner), { proxies: [...kept] });
  },
};

const pairOf = (owner: AccountId, delegate: AccountId) => `${bytesToHex(owner)}/${bytesToHex(delegate)}`;

/** Calls that a delegate announced for an owner, oldest first: `<owner hex>/<delegate hex>`. */
export const announcements = {
  table: announced,
  of: (view: StateView, owner: AccountId, delegate: AccountId): readonly Announcement[] =>
    announced.get(view, pairOf(owner, delegate))?.calls ?? [],
  set(state: Overlay, owner: AccountId, delegate: AccountId, kept: readonly Announcement[]): void {
    if (kept.length === 0) announced.delete(state, pairOf(owner, delegate));
    else announced.set(state, pairOf(owner, delegate), { calls: [...kept] });
  },
};

export function proxyUnknown(owner: AccountId, delegate: AccountId): TransactionProblem {
  return problem(
    'PROXY_UNKNOWN',
    `${accountIdToAddress(delegate)} is no delegate of ${accountIdToAddress(owner)}. The owner has to add it.`,
  );
}

export function announcementUnknown(callHash: Uint8Array): TransactionProblem {
  return problem(
    'ANNOUNCEMENT_UNKNOWN',
    `Call ${bytesToHex(callHash)} is not announced, or was rejected. Announce it first.`,
  );
}
