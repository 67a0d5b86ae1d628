import {
  type AccountId,
  account,
  bytesToHex,
  list,
  struct,
  text,
  u8,
  u16,
  u32,
  u64,
  type ValueOf,
} from '@cairn/core';
import { defineCell, defineTable, numberId } from '../../state/table.ts';
import type { Overlay, StateView } from '../../state/view.ts';
import { MAX_SUBNET_NAME_BYTES, MAX_SUBNETS } from '../state.ts';

const noticeShape = struct('Notice', {
  netuid: u16,
  /** Slot from which the subnet is dissolved. */
  endSlot: u64,
});
export type Notice = ValueOf<typeof noticeShape>;

/** Subnets that will be dissolved unless something intervenes, in the order of the announcements. */
export const noticesCell = defineCell<Notice[]>('subnets', 'notices', list(noticeShape, MAX_SUBNETS), []);

export function noticeOf(view: StateView, netuid: number): Notice | undefined {
  return noticesCell.get(view).find((notice) => notice.netuid === netuid);
}

/** Puts a notice at the end of the list, in place of an earlier one of the same subnet. */
export function giveNotice(state: Overlay, notice: Notice): void {
  withdrawNotice(state, notice.netuid);
  noticesCell.set(state, [...noticesCell.get(state), notice]);
}

export function withdrawNotice(state: Overlay, netuid: number): void {
  const notices = noticesCell.get(state);
  const left = notices.filter((notice) => notice.netuid !== netuid);
  if (left.length < notices.length) noticesCell.set(state, left);
}

export const challengeShape = struct('Challenge', {
  /** Who wants the place, and will own the new subnet. */
  challenger: account,
  /** Name of the new subnet. */
  name: text(MAX_SUBNET_NAME_BYTES),
  /** Pebbles in escrow: what the new subnet locks, and what a match costs. */
  amount: u64,
  /** Refundable deposit of the new subnet, paid by the challenger. */
  deposit: u64,
});
export type Challenge = ValueOf<typeof challengeShape>;

const challengeTable = defineTable('subnets', 'challenge', challengeShape);

/** Who waits for the place of a subnet, by the subnet that would make room. */
export const challenges = {
  table: challengeTable,
  get: (view: StateView, netuid: number) => challengeTable.get(view, numberId(netuid)),
  set: (state: Overlay, netuid: number, value: Challenge) =>
    challengeTable.set(state, numberId(netuid), value),
  delete: (state: Overlay, netuid: number) => challengeTable.delete(state, numberId(netuid)),
};

/** Notices with a challenge, in the order of the announcements. */
export function challengeNotices(view: StateView): Notice[] {
  return noticesCell.get(view).filter(({ netuid }) => challenges.get(view, netuid) !== undefined);
}

export const dissolvedShape = struct('DissolvedSubnet', {
  /** Last owner, whose deposit comes back when everybody is paid. */
  owner: account,
  deposit: u64,
  endedSlot: u64,
  /** Pebbles for all holders together: the reserve of the pool at the end. */
  pot: u64,
  /** Of those what holders have had, or what was set aside for the stakers of a hotkey. */
  assigned: u64,
  /** Tokens that anybody held at the end. The protocol's own do not count. */
  tokens: u64,
  /** Of those what `assigned` was for. */
  claimed: u64,
  /** Hotkeys whose stakers have pebbles set aside. */
  stakes: u32,
  /** Uids not yet cleared away. */
  neurons: u16,
  /** Mechanisms it had, each with records of the neurons. */
  mechanisms: u8,
});
export type DissolvedSubnet = ValueOf<typeof dissolvedShape>;

const dissolvedTable = defineTable('subnets', 'dissolved', dissolvedShape);

/** Subnets that ended and still owe somebody something. */
export const dissolvedSubnets = {
  table: dissolvedTable,
  get: (view: StateView, netuid: number) => dissolvedTable.get(view, numberId(netuid)),
  set: (state: Overlay, netuid: number, value: DissolvedSubnet) =>
    dissolvedTable.set(state, numberId(netuid), value),
  delete: (state: Overlay, netuid: number) => dissolvedTable.delete(state, numberId(netuid)),
};

export const dissolvedStakeShape = struct('DissolvedStake', {
  /** Pebbles for all who staked tokens to the hotkey. */
  pot: u64,
  paid: u64,
  /** Shares of all positions at the end. */
  shares: u64,
  /** Of those what `paid` was for. */
  claimed: u64,
});
export type DissolvedStake = ValueOf<typeof dissolvedStakeShape>;

const stakeTable = defineTable('subnets', 'dissolvedStake', dissolvedStakeShape);
const stakeId = (netuid: number, hotkey: AccountId) => `${numberId(netuid)}/${bytesToHex(hotkey)}`;

/** What a dissolved subnet set aside for the stakers of a hotkey: `<netuid>/<hotkey hex>`. */
export const dissolvedStakes = {
  table: stakeTable,
  get: (view: StateView, netuid: number, hotkey: AccountId) => stakeTable.get(view, stakeId(netuid, hotkey)),
  set: (state: Overlay, netuid: number, hotkey: AccountId, value: DissolvedStake) =>
    stakeTable.set(state, stakeId(netuid, hotkey), value),
  delete: (state: Overlay, netuid: number, hotkey: AccountId) =>
    stakeTable.delete(state, stakeId(netuid, hotkey)),
};

/** Most dissolved subnets whose neurons wait to be cleared away. The next dissolution waits for room. */
export const MAX_SWEEPS = 64;

/** Dissolved subnets with neurons left. */
export const sweepsCell = defineCell<number[]>('subnets', 'sweeps', list(u16, MAX_SWEEPS), []);
