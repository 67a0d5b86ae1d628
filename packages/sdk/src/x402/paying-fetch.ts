import {
  addressToAccountId,
  type Address,
  bytesToHex,
  bytes32,
  type Clock,
  type Crypto,
  decode,
  encode,
  formatAmount,
  PEBBLES_PER_CAIRN,
  type Random,
  type Signer,
  struct,
  u64,
} from '@cairn/core';
import type { RecordStore } from '@cairn/protocol';
import type { ChannelLedger } from '../channels/channel-ledger.ts';
import { SdkError } from '../errors.ts';
import { type CairnPayment, paymentToJson, signPayment, signPlainVoucher } from './payment.ts';
import {
  decodeX402,
  encodeX402,
  X402_ASSET,
  X402_SCHEMES,
  X402_VERSION,
  type X402Requirements,
  x402Network,
} from './wire.ts';

export interface PayingFetchParts {
  readonly crypto: Crypto;
  readonly chainId: Uint8Array;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly random: Random;
  readonly ledger: Pick<ChannelLedger, 'open' | 'topUp'>;
  /** What was paid to whom: without it money in channels is forgotten. */
  readonly records: RecordStore;
  readonly fetch: typeof fetch;
}

export interface PayingFetchOptions {
  /** Pebbles it may spend in all. */
  readonly budget: bigint;
  /** Most pebbles held for one request. @default 1 CAIRN */
  readonly mostPerRequest?: bigint;
  /** Pebbles put into a new channel, if a request needs no more. @default 1 CAIRN */
  readonly deposit?: bigint;
}

export interface PayingFetch {
  /**
   * `fetch` that answers a 402 of a Cairn gateway from the wallet, once, and asks again.
   *
   * @throws SdkError `BUDGET_EXCEEDED`, `PAYMENT_REFUSED`, `TRANSACTION_REFUSED`
   */
  readonly fetch: (url: string | URL, init?: RequestInit) => Promise<Response>;
  /** Pebbles that gateways charged since this was made, and at most may have charged. */
  readonly spent: bigint;
  /** Tells a gateway's settlement address exactly what it may have. */
  settle(origin: string): Promise<void>;
}

const recordShape = struct('X402Channel', {
  channel: bytes32,
  deposited: u64,
  /** What the payee is known to have charged. */
  charged: u64,
  /** The most that was signed for. */
  promised: u64,
});
const RECORDS = 'x402/payer/';
const VALID_SECONDS = 300n;

interface Held {
  readonly channel: Uint8Array;
  readonly deposited: bigint;
  readonly charged: bigint;
  readonly promised: bigint;
}

/** A `fetch` that pays for what it gets, within a budget. One request to a payee at a time is paid. */
export function createPayingFetch(parts: PayingFetchParts, options: PayingFetchOptions): PayingFetch {
  const { crypto, chainId, signer, clock, random, ledger, records } = parts;
  const network = x402Network(chainId);
  const mostPerRequest = options.mostPerRequest ?? PEBBLES_PER_CAIRN;
  const usualDeposit = options.deposit ?? PEBBLES_PER_CAIRN;
  const signing = { crypto, chainId, signer };
  const turns = new Map<string, Promise<unknown>>();
  const payees = new Map<string, X402Requirements>();
  /** Most that answers may have cost whose price is not known yet. */
  const unknown = new Map<string, bigint>();
  let spent = 0n;

  const spentAtMost = () => [...unknown.values()].reduce((sum, amount) => sum + amount, spent);

  /** Vouchers of one channel follow each other. */
  function inTurn<T>(payee: string, run: () => Promise<T>): Promise<T> {
    const mine = (turns.get(payee) ?? Promise.resolve()).then(run, run);
    turns.set(payee, mine);
    return mine;
  }

  function recordOf(payee: string): Held | null {
    const bytes = records.get(RECORDS + payee);
    return bytes === undefined ? null : decode(recordShape, bytes);
  }

  const save = (payee: string, held: Held) => records.set(RECORDS + payee, encode(recordShape, held));

  async function cover({ payTo, amount, extra }: X402Requirements): Promise<Held> {
    const most = BigInt(amount);
    const held = recordOf(payTo);
    if (held === null) {
      const deposit = most > usualDeposit ? most : usualDeposit;
      const netuid = Number(extra.netuid);
      const channel = await ledger.open(addressToAccountId(payTo as Address), netuid, deposit);
      const opened = { channel, deposited: deposit, charged: 0n, promised: 0n };
      await save(payTo, opened);
      return opened;
    }
    const missing = held.charged + most - held.deposited;
    if (missing <= 0n) return held;
    const more = missing > usualDeposit ? missing : usualDeposit;
    await ledger.topUp(held.channel, more);
    const filled = { ...held, deposited: held.deposited + more };
    await save(payTo, filled);
    return filled;
  }

  async function sign(held: Held, { amount }: X402Requirements): Promise<CairnPayment> {
    const { channel, charged } = held;
    return signPayment(signing, {
      id: bytesToHex(random.bytes(16)),
      validUntil: BigInt(clock.nowMs()) / 1000n + VALID_SECONDS,
      voucher: await signPlainVoucher(signing, channel, charged + BigInt(amount)),
      settled: charged === 0n ? null : await signPlainVoucher(signing, channel, charged),
    });
  }

  function choose(required: Readonly<Record<string, unknown>> | null): X402Requirements {
    const accepts: unknown = required?.accepts;
    const found = Array.isArray(accepts) ? accepts.slice(0, 16).find(isOurs) : undefined;
    if (found === undefined) throw refused(`It takes no ${X402_SCHEMES.join(' or ')} on ${network}.`);
    return found;
  }

  function isOurs(value: unknown): value is X402Requirements {
    const offer = value as X402Requirements | null;
    return (
      typeof offer === 'object' &&
      offer !== null &&
      X402_SCHEMES.some((scheme) => scheme === offer.scheme) &&
      offer.network === network &&
      offer.asset === X402_ASSET &&
      typeof offer.payTo === 'string' &&
      typeof offer.amount === 'string' &&
      /^\d{1,18}$/.test(offer.amount) &&
      Number.isInteger((offer.extra as { netuid?: unknown } | undefined)?.netuid)
    );
  }

  function checkBudget({ amount }: X402Requirements): void {
    const most = BigInt(amount);
    const allowed = smaller(options.budget - spentAtMost(), mostPerRequest);
    if (most <= allowed) return;
    throw new SdkError(
      { code: 'BUDGET_EXCEEDED', needs: most, has: allowed },
      `This request may cost ${formatAmount(most)} CAIRN; ${formatAmount(allowed)} may still be spent on it. Raise the budget or ask for less.`,
    );
  }

  /** What was charged, never more than was signed for; null while nobody has said. */
  function chargedOf(response: Response, { amount }: X402Requirements): bigint | null {
    const header = response.headers.get('payment-response');
    if (header === null) return response.ok ? null : 0n;
    const told = decodeX402(header);
    const charged = told?.amount;
    if ((told?.extra as { state?: unknown } | undefined)?.state === 'held') return null;
    if (typeof charged !== 'string' || !/^\d{1,18}$/.test(charged) || BigInt(charged) > BigInt(amount)) {
      throw refused(`It says that it charged ${String(charged).slice(0, 30)} of ${amount} pebbles.`);
    }
    return BigInt(charged);
  }

  /** Takes up what a payee says it charged, when that was signed for. */
  async function catchUp(payee: string, told: Readonly<Record<string, unknown>> | null): Promise<boolean> {
    const held = recordOf(payee);
    const charged = (told?.extensions as { cairn?: { charged?: unknown } } | undefined)?.cairn?.charged;
    if (held === null || typeof charged !== 'string' || !/^\d{1,18}$/.test(charged)) return false;
    const sum = BigInt(charged);
    if (sum < held.charged || sum > held.promised) return false;
    const isNews = sum > held.charged || unknown.has(payee);
    spent += sum - held.charged;
    unknown.delete(payee);
    await save(payee, { ...held, charged: sum });
    return isNews;
  }

  async function payAndAsk(
    offer: X402Requirements,
    url: string | URL,
    init: RequestInit,
    isAgain = false,
  ): Promise<Response> {
    const { payTo, amount } = offer;
    checkBudget(offer);
    const held = await cover(offer);
    const payment = await sign(held, offer);
    const promised = larger(held.promised, payment.voucher.voucher.cumulative);
    await save(payTo, { ...held, promised });
    const headers = new Headers(init.headers);
    const sent = { x402Version: X402_VERSION, accepted: offer, payload: paymentToJson(payment) };
    headers.set('payment-signature', encodeX402(sent));
    unknown.set(payTo, (unknown.get(payTo) ?? 0n) + BigInt(amount));
    // The same payment is never charged twice: a lost answer is asked for again.
    const ask = () => parts.fetch(url, { ...init, headers });
    const response = await ask().catch(() => ask());
    payees.set(new URL(url).origin, offer);
    if (response.status === 402) {
      unknown.set(payTo, (unknown.get(payTo) ?? 0n) - BigInt(amount));
      const told = decodeX402(response.headers.get('payment-required') ?? '');
      if (!isAgain && (await catchUp(payTo, told))) {
        await response.body?.cancel();
        return payAndAsk(offer, url, init, true);
      }
      throw refused(String(told?.error ?? 'It gave no reason.').slice(0, 300));
    }
    const charged = chargedOf(response, offer);
    if (charged === null) return response;
    unknown.set(payTo, (unknown.get(payTo) ?? 0n) - BigInt(amount));
    spent += charged;
    await save(payTo, { ...held, promised, charged: held.charged + charged });
    return response;
  }

  return {
    get spent() {
      return spentAtMost();
    },
    async fetch(url, init = {}) {
      const first = await parts.fetch(url, init);
      const header = first.status === 402 ? first.headers.get('payment-required') : null;
      if (header === null) return first;
      await first.body?.cancel();
      const offer = choose(decodeX402(header));
      return inTurn(offer.payTo, () => payAndAsk(offer, url, init));
    },
    async settle(origin) {
      const offer = payees.get(origin);
      const held = offer === undefined ? null : recordOf(offer.payTo);
      if (offer === undefined || held === null || held.charged === 0n) return;
      const payment = await sign(held, { ...offer, amount: '0' });
      const paymentPayload = { x402Version: X402_VERSION, accepted: offer, payload: paymentToJson(payment) };
      const body = JSON.stringify({
        x402Version: X402_VERSION,
        paymentPayload,
        paymentRequirements: offer,
      });
      const headers = { 'content-type': 'application/json' };
      const response = await parts.fetch(`${origin}/x402/settle`, { method: 'POST', headers, body });
      const told = (await response.json()) as { success?: boolean; errorReason?: string };
      if (told.success !== true) throw refused(String(told.errorReason ?? response.status).slice(0, 300));
    },
  };
}

function refused(reason: string): SdkError {
  return new SdkError(
    { code: 'PAYMENT_REFUSED', reason },
    `The server does not take this payment. ${reason}`,
  );
}

function smaller(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

function larger(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
