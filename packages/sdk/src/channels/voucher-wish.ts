import { areBytesEqual, encode } from '@cairn/core';
import { type SignedVoucher, signedVoucherShape } from '@cairn/protocol';
import { larger } from '../larger.ts';
import type { Sold } from './sold-as.ts';

/** Who wants to be told that the books are on disk, with a voucher or without. */
export type Wish = 'save' | VoucherWish;

export interface VoucherWish {
  /** The least that the voucher promises, asked when it is signed. */
  readonly cumulative: () => bigint;
  readonly sold: Sold;
}

/** One voucher for all that can share it. */
export interface SharedVoucher {
  readonly cumulative: bigint;
  readonly sold: Sold;
}

/**
 * What one round does for these wishes: what receipts do not explain of a voucher is put on one kind of goods, so those
 * of others are left for the next.
 */
export function shareVoucher(wishes: readonly Wish[]): {
  readonly left: readonly Wish[];
  readonly wanted: SharedVoucher | null;
} {
  const first = wishes.find((wish): wish is VoucherWish => wish !== 'save');
  if (first === undefined) return { left: [], wanted: null };
  const { sold } = first;
  const isLike = (wish: VoucherWish) =>
    areBytesEqual(wish.sold.artifact, sold.artifact) && areBytesEqual(wish.sold.model, sold.model);
  const left = wishes.filter((wish) => wish !== 'save' && !isLike(wish));
  const sums = wishes.flatMap((wish) => (wish !== 'save' && isLike(wish) ? [wish.cumulative()] : []));
  return { left, wanted: { cumulative: sums.reduce(larger), sold } };
}

/** A voucher with its bytes, made once for all that send it. */
export interface SentVoucher extends SignedVoucher {
  readonly bytes: Uint8Array;
}

export function asSent(signed: SignedVoucher): SentVoucher {
  return { ...signed, bytes: encode(signedVoucherShape, signed) };
}
