import { account, bytes32, struct, u16, u64, type ValueOf } from '@cairn/core';
import { defineTable } from '../state/table.ts';
import { bidTermsShape } from './market.ts';

export const leaseShape = struct('Lease', {
  deployment: bytes32,
  tenant: account,
  provider: account,
  netuid: u16,
  terms: bidTermsShape,
  /** Pebbles that are left for slots to come. The bond of `terms` is held beside them. */
  funds: u64,
  openedSlot: u64,
  /** Paid up to this slot. */
  settledSlot: u64,
  /** When it is settled next, by itself. */
  dueSlot: u64,
  /** Slot at which the provider takes its capacity back; 0: it gave no notice. */
  reclaimSlot: u64,
  /** Refundable deposits of this record and its places in lists: one of each side, so that neither can vanish. */
  tenantDeposit: u64,
  providerDeposit: u64,
});
export type Lease = ValueOf<typeof leaseShape>;

/** Lease id (that of its order) → lease. Only leases that run: an end is an event with its reason. */
export const leases = defineTable('compute', 'lease', leaseShape);

/** Largest lease with its place in the list of its slot, in bytes. */
export const LEASE_BYTES = 600;
