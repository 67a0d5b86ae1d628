import { account, bytes32, struct, u16, u32, u64, type ValueOf } from '@cairn/core';
import { bidTermsShape } from '../market.ts';

export const placeOrderShape = struct('OrderCompute', {
  deployment: bytes32,
  netuid: u16,
  maxPerSlot: u64,
  minBond: u64,
  minReclaimSlots: u32,
  expirySlot: u64,
});
export type OrderCompute = ValueOf<typeof placeOrderShape>;

/** Names an order: to cancel it, or to take a bid on it back. */
export const namedOrderShape = struct('NamedOrder', { order: bytes32 });
export type NamedOrder = ValueOf<typeof namedOrderShape>;

export const makeBidShape = struct('MakeBid', { order: bytes32, terms: bidTermsShape });
export type MakeBid = ValueOf<typeof makeBidShape>;

export const acceptBidShape = struct('AcceptBid', {
  order: bytes32,
  provider: account,
  /** Pebbles put in for the slots to come. */
  funds: u64,
});
export type AcceptBid = ValueOf<typeof acceptBidShape>;
