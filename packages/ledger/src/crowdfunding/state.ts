import {
  type AccountId,
  account,
  bool,
  bytesToHex,
  struct,
  text,
  u16,
  u32,
  u64,
  type ValueOf,
} from '@cairn/core';
import { defineCell, defineTable } from '../state/table.ts';
import type { Overlay, StateView } from '../state/view.ts';
import { MAX_SUBNET_NAME_BYTES } from '../subnets/state.ts';

/** Most contributors of one fund. The least contribution is at least this part of the goal, so places never run out. */
export const MAX_CONTRIBUTORS = 500n;

/** Most contributions given back by one transaction. */
export const MAX_REFUNDS = 50;

export const fundShape = struct('Crowdfund', {
  /** Who opened it. */
  creator: account,
  /** Who owns the subnet, once there is one. */
  owner: account,
  /** Name of the subnet. */
  name: text(MAX_SUBNET_NAME_BYTES),
  /** Pebbles wanted, and the most that are taken. */
  goal: u64,
  minContribution: u64,
  /** Last slot in which it takes contributions. */
  endSlot: u64,
  /** Pebbles contributed. */
  raised: u64,
  contributors: u16,
  /** The subnet it created; 0: none yet. */
  netuid: u16,
  /** Pebbles that the subnet did not cost and that were not given back yet. */
  surplus: u64,
  /** Contributions that have not had their part of the surplus. */
  unpaid: u64,
  /** Refundable deposit of this record, paid by the creator. */
  deposit: u64,
});
export type Fund = ValueOf<typeof fundShape>;

export const contributionShape = struct('Contribution', {
  amount: u64,
  /** Where the fund lists it: 0 to one below the number of contributors. */
  place: u16,
  /** Whether it had its part of the surplus. */
  isPaid: bool,
  /** Refundable deposit of its two records, paid by the contributor. */
  deposit: u64,
});
export type Contribution = ValueOf<typeof contributionShape>;

/** Bytes that the deposits are reckoned from; a contribution has two records. */
export const FUND_BYTES = 196;
export const CONTRIBUTION_BYTES = 19 + 32 + 96;

/** Decimal id of fixed width: ids order as numbers. */
const numberOf = (n: number): string => n.toString().padStart(10, '0');

const fundTable = defineTable('crowdfunding', 'fund', fundShape);
export const funds = {
  table: fundTable,
  id: numberOf,
  get: (view: StateView, fund: number) => fundTable.get(view, numberOf(fund)),
  set: (state: Overlay, fund: number, value: Fund) => fundTable.set(state, numberOf(fund), value),
  delete: (state: Overlay, fund: number) => fundTable.delete(state, numberOf(fund)),
};

const contributionTable = defineTable('crowdfunding', 'contribution', contributionShape);
const contributionId = (fund: number, id: AccountId) => `${numberOf(fund)}/${bytesToHex(id)}`;
/** `<fund>/<contributor hex>` */
export const contributions = {
  table: contributionTable,
  get: (view: StateView, fund: number, id: AccountId) =>
    contributionTable.get(view, contributionId(fund, id)),
  set: (state: Overlay, fund: number, id: AccountId, value: Contribution) =>
    contributionTable.set(state, contributionId(fund, id), value),
  delete: (state: Overlay, fund: number, id: AccountId) =>
    contributionTable.delete(state, contributionId(fund, id)),
};

const placeTable = defineTable('crowdfunding', 'place', account);
const placeId = (fund: number, place: number) => `${numberOf(fund)}/${numberOf(place)}`;
/** Contributors by place, so that anybody can give back without naming them: `<fund>/<place>`. */
export const places = {
  get: (view: StateView, fund: number, place: number) => placeTable.get(view, placeId(fund, place)),
  set: (state: Overlay, fund: number, place: number, id: AccountId) =>
    placeTable.set(state, placeId(fund, place), id),
  delete: (state: Overlay, fund: number, place: number) => placeTable.delete(state, placeId(fund, place)),
};

/** Funds ever opened; they are numbered from 1. */
export const fundsCell = defineCell('crowdfunding', 'count', u32, 0);
