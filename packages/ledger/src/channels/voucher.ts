import {
  type AccountId,
  type Amount,
  type Authorization,
  areBytesEqual,
  authorizationAccount,
  bytes32,
  type Crypto,
  compareBytes,
  concatBytes,
  encode,
  list,
  struct,
  u64,
  utf8ToBytes,
  type ValueOf,
  verifyAuthorization,
} from '@cairn/core';

/** Most artifacts one channel can pay for. */
export const MAX_CHANNEL_ARTIFACTS = 32;

/**
 * A payer's standing promise: the payee may have `cumulative` pebbles of the channel in all.
 * A later voucher replaces an earlier one, so losing one costs nothing.
 */
export const voucherShape = struct('Voucher', {
  channel: bytes32,
  /** All pebbles promised since the channel opened. */
  cumulative: u64,
  /**
   * `cumulative` divided by what earned it, ascending: royalties are computed from it. An `artifact` here is
   * `soldArtifactOf` a model and its file; money for anything else pays no royalty.
   */
  totals: list(struct('ArtifactTotal', { artifact: bytes32, amount: u64 }), MAX_CHANNEL_ARTIFACTS),
  /** Hash of the newest receipt whose answer came, which this countersigns; those before are paid for. Zero: none yet. */
  lastReceipt: bytes32,
});
export type Voucher = ValueOf<typeof voucherShape>;

/** The bytes a payer signs. */
export function voucherSignBytes(chainId: Uint8Array, voucher: Voucher): Uint8Array {
  return concatBytes(utf8ToBytes('cairn/voucher/v1'), chainId, encode(voucherShape, voucher));
}

/**
 * True when `authorization` is the payer's over this voucher on this chain.
 *
 * @param keys accounts of the keys whose vouchers are good on this channel: see `channelKeys`.
 */
export function isVoucherSignedBy(
  crypto: Crypto,
  chainId: Uint8Array,
  voucher: Voucher,
  authorization: Authorization,
  keys: readonly AccountId[],
): boolean {
  return (
    isOneOf(authorizationAccount(crypto, authorization), keys) &&
    verifyAuthorization(crypto, authorization, voucherSignBytes(chainId, voucher))
  );
}

function isOneOf(id: AccountId, keys: readonly AccountId[]): boolean {
  return keys.some((key) => areBytesEqual(key, id));
}

/** True when the totals ascend by artifact without repeats and add up to `cumulative`. */
export function areTotalsSound({ totals, cumulative }: Voucher): boolean {
  let sum: Amount = 0n;
  for (const [index, { artifact, amount }] of totals.entries()) {
    const before = totals[index - 1];
    if (before !== undefined && compareBytes(before.artifact, artifact) >= 0) return false;
    sum += amount;
  }
  return sum === cumulative;
}
