import { type AccountId, type Amount, accountIdToAddress } from '@cairn/core';
import {
  type CairnPayment,
  decodeX402,
  paymentFromJson,
  SdkError,
  X402_ASSET,
  X402_SCHEMES,
  X402_VERSION,
  type X402Required,
  type X402Requirements,
  type X402Scheme,
} from '@cairn/sdk';
import { GatewayError } from '../../errors.ts';
import { SETTLE_WITHIN_MS } from './payment-book.ts';

/** What a payer has to send, the same for each scheme. */
export interface OfferedPayment {
  readonly network: string;
  readonly payTo: AccountId;
  readonly netuid: number;
  /** Most pebbles. */
  readonly amount: Amount;
}

const MAX_TIMEOUT_SECONDS = 300;

function requirementsFor(
  scheme: X402Scheme,
  { network, payTo, netuid, amount }: OfferedPayment,
): X402Requirements {
  return {
    scheme,
    network,
    asset: X402_ASSET,
    amount: amount.toString(),
    payTo: accountIdToAddress(payTo),
    maxTimeoutSeconds: MAX_TIMEOUT_SECONDS,
    extra: { netuid, decimals: 9, settleWithinSeconds: SETTLE_WITHIN_MS / 1000, settle: '/x402/settle' },
  };
}

/** What a server asks for, and why. */
export function paymentRequired(
  url: string,
  offered: OfferedPayment,
  problem: { readonly message: string; readonly charged: Amount | null },
): X402Required {
  return {
    x402Version: X402_VERSION,
    error: problem.message,
    resource: { url, description: 'An answer of a model, paid by what it took.' },
    accepts: X402_SCHEMES.map((scheme) => requirementsFor(scheme, offered)),
    ...(problem.charged === null ? {} : { extensions: { cairn: { charged: problem.charged.toString() } } }),
  };
}

export interface SentPayment {
  readonly scheme: X402Scheme;
  readonly accepted: Readonly<Record<string, unknown>>;
  readonly amount: Amount;
  readonly payment: CairnPayment;
}

/** The payment of a header PAYMENT-SIGNATURE. @throws GatewayError `payment_invalid` */
export function readPaymentHeader(header: string): SentPayment {
  const sent = decodeX402(header);
  if (sent === null) throw malformed('PAYMENT-SIGNATURE is not base64 of a JSON object.');
  return readPayment(sent);
}

/** @throws GatewayError `payment_invalid` */
export function readPayment(sent: Readonly<Record<string, unknown>>): SentPayment {
  const { x402Version, accepted, payload } = sent;
  if (x402Version !== X402_VERSION) throw malformed(`x402Version has to be ${X402_VERSION}.`);
  if (!isRecord(accepted)) throw malformed('accepted is required.');
  if (!isRecord(payload)) throw malformed('payload is required.');
  const scheme = X402_SCHEMES.find((one) => one === accepted.scheme);
  if (scheme === undefined) throw malformed(`The scheme has to be ${X402_SCHEMES.join(' or ')}.`);
  const { amount } = accepted;
  if (typeof amount !== 'string' || !/^\d{1,18}$/.test(amount)) throw malformed('amount has to be pebbles.');
  try {
    return { scheme, accepted, amount: BigInt(amount), payment: paymentFromJson(payload) };
  } catch (error) {
    if (error instanceof SdkError) throw malformed(error.message, error);
    throw error;
  }
}

/** @throws GatewayError `payment_invalid` for a payment to another than this gateway asks for */
export function checkOffer(
  accepted: Readonly<Record<string, unknown>>,
  { network, payTo }: Pick<OfferedPayment, 'network' | 'payTo'>,
): void {
  const wanted = { network, asset: X402_ASSET, payTo: accountIdToAddress(payTo) };
  for (const [name, value] of Object.entries(wanted))
    if (accepted[name] !== value) throw malformed(`${name} has to be ${value}.`);
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(message: string, cause?: unknown): GatewayError {
  const problem = { code: 'payment_invalid', reason: 'MALFORMED' } as const;
  return new GatewayError(problem, message, cause === undefined ? {} : { cause });
}
