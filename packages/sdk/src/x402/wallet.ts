import {
  type Address,
  addressToAccountId,
  bytes32,
  bytesToHex,
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
import { larger } from '../larger.ts';
import { type CairnPayment, paymentToJson, signPayment, signPlainVoucher } from './payment.ts';
import { isPebbles, X402_ASSET, X402_SCHEMES, type X402Requirements, x402Network } from './wire.ts';

export interface X402WalletParts {
  readonly crypto: Crypto;
  readonly chainId: Uint8Array;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly random: Random;
  readonly ledger: Pick<ChannelLedger, 'open' | 'topUp'>;
  /** What was paid to whom: without it money in channels is forgotten. */
  readonly records: RecordStore;
}

export interface X402WalletOptions {
  /** Pebbles it may spend in all. */
  readonly budget: bigint;
  /** Most pebbles held for one request. @default 1 CAIRN */
  readonly mostPerRequest?: bigint;
  /**
   * Pebbles put into a new channel, if a request needs no more, and never more than half of what is left of the budget:
   * whoever asks for payments to ever new accounts binds no more than the budget. @default 1 CAIRN
   */
  readonly deposit?: bigint;
}

type Payload = Readonly<Record<string, unknown>>;

/** Signs payments of x402 within a budget. */
export interface X402Wallet {
  readonly network: string;
  /** Pebbles that were charged since this was made, and at most may have been. */
  readonly spent: bigint;
  /** Whether this is one it can meet. */
  canPay(requirements: unknown): requirements is X402Requirements;
  /**
   * Signs for the most that a request may cost, in a channel that is opened or filled for it.
   *
   * @throws SdkError `BUDGET_EXCEEDED`, `TRANSACTION_REFUSED`
   */
  pay(requirements: X402Requirements): Promise<Payload>;
  /** Takes down what a payment came to; null: nobody has said. @throws SdkError `PAYMENT_REFUSED` */
  charged(requirements: X402Requirements, amount: bigint | null): Promise<void>;
  /** Takes up what a payee says it charged in all, when that was signed for. True when it is news. */
  catchUp(payee: string, sum: bigint): Promise<boolean>;
  /** Signs for exactly what a payee charged; null when that is nothing. */
  settlement(requirements: X402Requirements): Promise<Payload | null>;
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

/** A wallet for x402. Payments to one payee have to follow each other. */
export function createX402Wallet(parts: X402WalletParts, options: X402WalletOptions): X402Wallet {
  const { crypto, chainId, signer, clock, random, ledger, records } = parts;
  const network = x402Network(chainId);
  const mostPerRequest = options.mostPerRequest ?? PEBBLES_PER_CAIRN;
  const usualDeposit = options.deposit ?? PEBBLES_PER_CAIRN;
  const signing = { crypto, chainId, signer };
  /** Most that answers may have cost whose price is not known yet. */
  const unknown = new Map<string, bigint>();
  let spent = 0n;
  /** Pebbles put into channels. */
  let bound = 0n;

  const spentAtMost = () => [...unknown.values()].reduce((sum, amount) => sum + amount, spent);
  const addUnknown = (payee: string, amount: bigint) =>
    unknown.set(payee, larger((unknown.get(payee) ?? 0n) + amount, 0n));

  function recordOf(payee: string): Held | null {
    const bytes = records.get(RECORDS + payee);
    return bytes === undefined ? null : decode(recordShape, bytes);
  }

  async function save(payee: string, held: Held): Promise<Held> {
    await records.set(RECORDS + payee, encode(recordShape, held));
    return held;
  }

  /** What is put into a channel that needs so much. @throws SdkError `BUDGET_EXCEEDED` */
  function toBind(needs: bigint): bigint {
    const left = larger(options.budget - bound, 0n);
    if (needs <= left) return larger(needs, smaller(usualDeposit, left / 2n));
    throw new SdkError(
      { code: 'BUDGET_EXCEEDED', needs, has: left },
      `A channel needs ${formatAmount(needs)} CAIRN; all but ${formatAmount(left)} of the budget is in channels. Close some, or raise the budget.`,
    );
  }

  async function cover({ payTo, amount, extra }: X402Requirements): Promise<Held> {
    const most = BigInt(amount);
    const held = recordOf(payTo);
    if (held === null) {
      const deposited = toBind(most);
      const payee = addressToAccountId(payTo as Address);
      const channel = await ledger.open(payee, Number(extra.netuid), deposited);
      bound += deposited;
      return save(payTo, { channel, deposited, charged: 0n, promised: 0n });
    }
    const missing = held.charged + most - held.deposited;
    if (missing <= 0n) return held;
    const more = toBind(missing);
    await ledger.topUp(held.channel, more);
    bound += more;
    return save(payTo, { ...held, deposited: held.deposited + more });
  }

  async function sign({ channel, charged }: Held, amount: bigint): Promise<CairnPayment> {
    return signPayment(signing, {
      id: bytesToHex(random.bytes(16)),
      validUntil: BigInt(clock.nowMs()) / 1000n + VALID_SECONDS,
      voucher: await signPlainVoucher(signing, channel, charged + amount),
      settled: charged === 0n ? null : await signPlainVoucher(signing, channel, charged),
    });
  }

  function checkBudget({ amount }: X402Requirements): void {
    const most = BigInt(amount);
    const has = larger(smaller(options.budget - spentAtMost(), mostPerRequest), 0n);
    if (most <= has) return;
    throw new SdkError(
      { code: 'BUDGET_EXCEEDED', needs: most, has },
      `This request may cost ${formatAmount(most)} CAIRN; ${formatAmount(has)} may still be spent on it. Raise the budget or ask for less.`,
    );
  }

  return {
    network,
    get spent() {
      return spentAtMost();
    },
    canPay(value): value is X402Requirements {
      const offer = value as X402Requirements | null;
      return (
        typeof offer === 'object' &&
        offer !== null &&
        X402_SCHEMES.some((scheme) => scheme === offer.scheme) &&
        offer.network === network &&
        offer.asset === X402_ASSET &&
        typeof offer.payTo === 'string' &&
        isPebbles(offer.amount) &&
        Number.isInteger((offer.extra as { netuid?: unknown } | undefined)?.netuid)
      );
    },
    async pay(requirements) {
      const { payTo } = requirements;
      const amount = BigInt(requirements.amount);
      checkBudget(requirements);
      const held = await cover(requirements);
      const payment = await sign(held, amount);
      await save(payTo, { ...held, promised: larger(held.promised, held.charged + amount) });
      addUnknown(payTo, amount);
      return paymentToJson(payment);
    },
    async charged({ payTo, amount }, charged) {
      if (charged === null) return;
      if (charged > BigInt(amount)) {
        throw new SdkError(
          { code: 'PAYMENT_REFUSED', reason: 'overcharged' },
          `The server says that it charged ${charged} of ${amount} pebbles that were signed for. Pay it no more.`,
        );
      }
      addUnknown(payTo, -BigInt(amount));
      spent += charged;
      const held = recordOf(payTo);
      if (held !== null && charged > 0n) await save(payTo, { ...held, charged: held.charged + charged });
    },
    async catchUp(payee, sum) {
      const held = recordOf(payee);
      if (held === null || sum < held.charged || sum > held.promised) return false;
      const isNews = sum > held.charged || (unknown.get(payee) ?? 0n) > 0n;
      spent += sum - held.charged;
      unknown.delete(payee);
      await save(payee, { ...held, charged: sum });
      return isNews;
    },
    async settlement({ payTo }) {
      const held = recordOf(payTo);
      return held === null || held.charged === 0n ? null : paymentToJson(await sign(held, 0n));
    },
  };
}

function smaller(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}
