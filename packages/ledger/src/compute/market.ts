import {
  type AccountId,
  account,
  bytes32,
  bytesToHex,
  type Crypto,
  concatBytes,
  list,
  struct,
  text,
  u16,
  u32,
  u64,
  u64ToBytes,
  utf8ToBytes,
  type ValueOf,
} from '@cairn/core';
import { priceShape } from '../registry/offer.ts';
import { defineTable } from '../state/table.ts';

/** Most bids on one order. */
export const MAX_BIDS = 8;

/** Longest notice a provider can promise, in slots. */
export const MAX_RECLAIM_SLOTS = 1_000_000;

export const orderShape = struct('ComputeOrder', {
  deployment: bytes32,
  tenant: account,
  /** Subnet whose channels pay for calls. */
  netuid: u16,
  /** Most pebbles for a slot of being ready. */
  maxPerSlot: u64,
  /** Least bond of the provider, in pebbles. */
  minBond: u64,
  /** Least notice the provider gives before it takes its capacity back. */
  minReclaimSlots: u32,
  /** Slot after which it can only be cleared away. */
  expirySlot: u64,
  /** Who has bid, in the order in which they did. */
  bidders: list(account, MAX_BIDS),
  recordDeposit: u64,
});
export type ComputeOrder = ValueOf<typeof orderShape>;

export const bidTermsShape = struct('BidTerms', {
  /** Pebbles for a slot of being ready, whether it is called or not. */
  perSlot: u64,
  /** What callers pay: input counts KiB of request, output counts units of measured work. */
  price: priceShape,
  /** Pebbles the provider loses when it leaves without notice. */
  bond: u64,
  /** Slots between its notice and the end. */
  reclaimSlots: u32,
  /** Name or address of the provider on the network. */
  peer: text(200),
});
export type BidTerms = ValueOf<typeof bidTermsShape>;

export const bidShape = struct('Bid', { provider: account, terms: bidTermsShape, recordDeposit: u64 });
export type Bid = ValueOf<typeof bidShape>;

/** Order id → order. */
export const computeOrders = defineTable('compute', 'order', orderShape);

/** `<order hex>/<provider hex>` → bid. */
export const bids = defineTable('compute', 'bid', bidShape);
export const bidKey = (order: Uint8Array, provider: AccountId): string =>
  `${bytesToHex(order)}/${bytesToHex(provider)}`;

/** Largest order with all its bidders, and largest bid, in bytes. */
export const ORDER_BYTES = 480;
export const BID_BYTES = 420;

/** Id of an order, and of the lease it becomes: the tenant's nonce makes it unique on its chain. */
export function orderIdOf(crypto: Crypto, chainId: Uint8Array, tenant: AccountId, nonce: bigint): Uint8Array {
  return crypto.sha256(concatBytes(utf8ToBytes('cairn/lease/v1'), chainId, tenant, u64ToBytes(nonce)));
}
