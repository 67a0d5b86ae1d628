import { bytes32, struct, type ValueOf } from '@cairn/core';
import { sealedOrderShape } from '../sealed.ts';

export const openOrderShape = struct('OpenOrder', {
  /** What was sealed: SHA-256 of `cairn/sealed-order/v1`, chain id, account, salt and the order in SSZ. */
  commitment: bytes32,
  salt: bytes32,
  order: sealedOrderShape,
});
export type OpenOrder = ValueOf<typeof openOrderShape>;
