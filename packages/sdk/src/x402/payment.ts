import {
  type AccountId,
  type Authorization,
  areBytesEqual,
  authorizationAccount,
  authorizationShape,
  authorize,
  bytes32,
  bytesToHex,
  type Crypto,
  concatBytes,
  decode,
  encode,
  hexToBytes,
  type Signer,
  struct,
  text,
  u64,
  utf8ToBytes,
  verifyAuthorization,
} from '@cairn/core';
import {
  areTotalsSound,
  isVoucherSignedBy,
  type Voucher,
  voucherShape,
  voucherSignBytes,
} from '@cairn/ledger';
import { type SignedVoucher, signedVoucherShape } from '@cairn/protocol';
import { SdkError } from '../errors.ts';

/** Longest name of a payment. */
const MAX_PAYMENT_ID = 64;

/** What a payer of x402 sends: a voucher that covers the request, and its word that it is for this one. */
export interface CairnPayment {
  /** Names the payment: the same one is never charged twice. */
  readonly id: string;
  /** Unix seconds after which it is void. */
  readonly validUntil: bigint;
  readonly voucher: SignedVoucher;
  /** The payer's, over `id`, `validUntil` and the voucher. */
  readonly authorization: Authorization;
  /** A voucher for exactly what was charged before; null when there is none to give. */
  readonly settled: SignedVoucher | null;
}

const orderShape = struct('X402Order', { id: text(MAX_PAYMENT_ID), validUntil: u64, voucher: bytes32 });

function orderSignBytes(
  crypto: Crypto,
  chainId: Uint8Array,
  { id, validUntil, voucher }: Pick<CairnPayment, 'id' | 'validUntil' | 'voucher'>,
): Uint8Array {
  const hash = crypto.sha256(encode(voucherShape, voucher.voucher));
  const order = encode(orderShape, { id, validUntil, voucher: hash });
  return concatBytes(utf8ToBytes('cairn/x402/v1'), chainId, order);
}

const NONE = new Uint8Array(32);

/** A voucher without receipts: what it pays for has no artifact of its own. */
function plainVoucher(channel: Uint8Array, cumulative: bigint): Voucher {
  const totals = cumulative === 0n ? [] : [{ artifact: NONE, amount: cumulative }];
  return { channel, cumulative, totals, lastReceipt: NONE };
}

export interface PaymentSigner {
  readonly crypto: Crypto;
  readonly chainId: Uint8Array;
  readonly signer: Signer;
}

export async function signPlainVoucher(
  { chainId, signer }: PaymentSigner,
  channel: Uint8Array,
  cumulative: bigint,
): Promise<SignedVoucher> {
  const voucher = plainVoucher(channel, cumulative);
  return { voucher, authorization: await authorize(signer, voucherSignBytes(chainId, voucher)) };
}

export async function signPayment(
  parts: PaymentSigner,
  order: Omit<CairnPayment, 'authorization'>,
): Promise<CairnPayment> {
  const bytes = orderSignBytes(parts.crypto, parts.chainId, order);
  return { ...order, authorization: await authorize(parts.signer, bytes) };
}

export function paymentToJson(payment: CairnPayment): Readonly<Record<string, unknown>> {
  const { id, validUntil, voucher, authorization, settled } = payment;
  return {
    id,
    validUntil: Number(validUntil),
    voucher: bytesToHex(encode(signedVoucherShape, voucher)),
    authorization: bytesToHex(encode(authorizationShape, authorization)),
    settled: settled === null ? null : bytesToHex(encode(signedVoucherShape, settled)),
  };
}

const ID = /^[A-Za-z0-9_-]{8,64}$/;
const MOST_HEX = 8 * 1024;

/** @throws SdkError `PAYMENT_MALFORMED` */
export function paymentFromJson(fields: Readonly<Record<string, unknown>>): CairnPayment {
  const malformed = (field: string, cause?: unknown) =>
    new SdkError(
      { code: 'PAYMENT_MALFORMED', field },
      `The payment cannot be read: ${field} is not what a Cairn payment has there.`,
      cause === undefined ? {} : { cause },
    );
  const read = <T>(field: string, parse: (bytes: Uint8Array) => T): T => {
    const hex = fields[field];
    if (typeof hex !== 'string' || hex.length > MOST_HEX) throw malformed(field);
    try {
      return parse(hexToBytes(hex));
    } catch (cause) {
      throw malformed(field, cause);
    }
  };
  const { id, validUntil, settled } = fields;
  if (typeof id !== 'string' || !ID.test(id)) throw malformed('id');
  if (typeof validUntil !== 'number' || !Number.isSafeInteger(validUntil) || validUntil < 0)
    throw malformed('validUntil');
  return {
    id,
    validUntil: BigInt(validUntil),
    voucher: read('voucher', (bytes) => decode(signedVoucherShape, bytes)),
    authorization: read('authorization', (bytes) => decode(authorizationShape, bytes)),
    settled: settled == null ? null : read('settled', (bytes) => decode(signedVoucherShape, bytes)),
  };
}

/** Whether the key that speaks for a channel's payer signed all of a payment. */
export function isPaymentSignedBy(
  crypto: Crypto,
  chainId: Uint8Array,
  payment: CairnPayment,
  key: AccountId,
): boolean {
  const { voucher, authorization, settled } = payment;
  return (
    areBytesEqual(authorizationAccount(crypto, authorization), key) &&
    verifyAuthorization(crypto, authorization, orderSignBytes(crypto, chainId, payment)) &&
    isPlainVoucherSignedBy(crypto, chainId, voucher, key) &&
    (settled === null || isPlainVoucherSignedBy(crypto, chainId, settled, key))
  );
}

export function isPlainVoucherSignedBy(
  crypto: Crypto,
  chainId: Uint8Array,
  { voucher, authorization }: SignedVoucher,
  key: AccountId,
): boolean {
  const { totals } = voucher;
  const isPlain = totals.every(({ artifact }) => areBytesEqual(artifact, NONE)) && areTotalsSound(voucher);
  return (
    isPlain &&
    areBytesEqual(voucher.lastReceipt, NONE) &&
    isVoucherSignedBy(crypto, chainId, voucher, authorization, [key])
  );
}
