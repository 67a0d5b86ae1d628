import { bytes32, struct, u64, type ValueOf } from '@cairn/core';

/** Names a lease: to close it, to leave it, or to give notice. */
export const namedLeaseShape = struct('NamedLease', { lease: bytes32 });
export type NamedLease = ValueOf<typeof namedLeaseShape>;

export const topUpLeaseShape = struct('TopUpLease', { lease: bytes32, amount: u64 });
export type TopUpLease = ValueOf<typeof topUpLeaseShape>;
