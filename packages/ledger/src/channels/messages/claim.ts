import { authorizationShape, bool, struct, type ValueOf } from '@cairn/core';
import { voucherShape } from '../voucher.ts';

export const claimChannelShape = struct('ClaimChannel', {
  voucher: voucherShape,
  /** The payer's signature over the voucher. */
  authorization: authorizationShape,
  /** The payee wants no more: what is left goes back to the payer at once. */
  close: bool,
});
export type ClaimChannel = ValueOf<typeof claimChannelShape>;
