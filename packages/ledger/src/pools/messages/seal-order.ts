import { bytes32, struct, type ValueOf } from '@cairn/core';

export const sealOrderShape = struct('SealOrder', {
  /** Hash of the order with a salt; see `pools.openOrder`. */
  commitment: bytes32,
});
export type SealOrder = ValueOf<typeof sealOrderShape>;
