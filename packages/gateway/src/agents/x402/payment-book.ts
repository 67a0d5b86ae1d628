import {
  type AccountId,
  type Amount,
  account,
  areBytesEqual,
  bytes32,
  bytesToHex,
  type Clock,
  type Crypto,
  decode,
  encode,
  formatAmount,
  type Logger,
  list,
  optional,
  struct,
  text,
  u64,
  type ValueOf,
} from '@cairn/core';
import { type RecordStore, signedVoucherShape } from '@cairn/protocol';
import {
  type CairnPayment,
  type ChannelLedger,
  type FoundChannel,
  isPaymentSignedBy,
  type X402Scheme,
} from '@cairn/sdk';
import { GatewayError } from '../../errors.ts';

export interface PaymentBookParts {
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly log: Logger;
  readonly chainId: Uint8Array;
  /** Who is paid. */
  readonly payTo: AccountId;
  readonly ledger: Pick<ChannelLedger, 'find' | 'claim'>;
  readonly records: RecordStore;
}

/** One payment that is being used. */
export interface OpenPayment {
  readonly id: string;
  readonly payer: AccountId;
  /** Most pebbles it may be charged. */
  readonly most: Amount;
  /** Pebbles charged so far. */
  readonly charged: Amount;
  /** True when it was used before: nothing is charged again. */
  readonly isUsed: boolean;
  charge(amount: Amount): Promise<void>;
  /** Lets the next payment of the channel come. */
  end(): void;
}

/** Channels through which strangers pay this gateway. */
export interface PaymentBook {
  /** Who pays, when all of it holds. @throws GatewayError `payment_invalid` */
  verify(payment: CairnPayment, scheme: X402Scheme, amount: Amount): Promise<AccountId>;
  /** Takes a payment for one request. @throws GatewayError `payment_invalid`, `too_many_requests` */
  open(payment: CairnPayment, scheme: X402Scheme, amount: Amount): Promise<OpenPayment>;
  /**
   * Takes a voucher for exactly what was charged, in the place of those that promise more.
   *
   * @returns all that the channel was charged
   * @throws GatewayError `payment_invalid`
   */
  settle(payment: CairnPayment): Promise<{ readonly payer: AccountId; readonly charged: Amount }>;
  /** Claims what is due: what was settled, and after a while what was not. */
  claimDue(): Promise<void>;
}

const MOST_RECENT = 32;

const channelShape = struct('X402PayeeChannel', {
  channel: bytes32,
  payer: account,
  /** Pebbles charged for answers. */
  charged: u64,
  /** For exactly what was charged at some time. */
  exact: optional(signedVoucherShape),
  /** For more than was charged: claimed only when nothing exact comes. */
  ceiling: optional(signedVoucherShape),
  /** When the ceiling may be claimed. */
  dueMs: u64,
  claimed: u64,
  /** Names of the latest payments, the newest first: none of them is used again after a restart. */
  recent: list(text(64), MOST_RECENT),
});
type Held = ValueOf<typeof channelShape>;

const RECORDS = 'x402/payee/';
/** How long a payer has to say exactly what it owes. */
export const SETTLE_WITHIN_MS = 600_000;
const MOST_VALID_MS = 3_600_000;
const MOST_USED = 4_000;
const MOST_CHANNELS = 20_000;

export function createPaymentBook(parts: PaymentBookParts): PaymentBook {
  const { crypto, clock, log, chainId, payTo, ledger, records } = parts;
  const busy = new Set<string>();
  /** What payments came to, the oldest making room. */
  const used = new Map<string, { readonly channel: string; charged: Amount; most: Amount }>();
  const channels = new Map<string, Held>();
  for (const key of records.keys(RECORDS)) {
    const bytes = records.get(key);
    if (bytes !== undefined) channels.set(key.slice(RECORDS.length), decode(channelShape, bytes));
  }

  function heldOf(channel: Uint8Array, payer: AccountId): Held {
    const known = channels.get(bytesToHex(channel));
    if (known !== undefined) return known;
    return { channel, payer, charged: 0n, exact: null, ceiling: null, dueMs: 0n, claimed: 0n, recent: [] };
  }

  async function save(held: Held): Promise<void> {
    const hex = bytesToHex(held.channel);
    channels.set(hex, held);
    await records.set(RECORDS + hex, encode(channelShape, held));
  }

  /** The channel, when the payer of it signed all of the payment. */
  async function check(payment: CairnPayment): Promise<FoundChannel> {
    const { voucher, settled, validUntil } = payment;
    const { channel } = voucher.voucher;
    const hex = bytesToHex(channel);
    const nowMs = clock.nowMs();
    const untilMs = Number(validUntil) * 1000;
    if (untilMs < nowMs || untilMs > nowMs + MOST_VALID_MS)
      throw invalid('EXPIRED', 'Its validUntil is past, or more than an hour away.');
    const found = await ledger.find(channel);
    if (found === null) throw invalid('CHANNEL_UNKNOWN', `There is no channel ${hex} on this chain.`);
    if (!areBytesEqual(found.payee, payTo)) throw invalid('NOT_PAYEE', `Channel ${hex} pays another.`);
    if (found.finalAt !== 0n) throw invalid('CHANNEL_CLOSING', `Channel ${hex} is closing. Open another.`);
    const isSame = settled === null || areBytesEqual(settled.voucher.channel, channel);
    if (!isSame || !isPaymentSignedBy(crypto, chainId, payment, found.payerKey))
      throw invalid('FORGED', `The payer of channel ${hex} did not sign this for this chain.`);
    if (!channels.has(hex) && channels.size >= MOST_CHANNELS)
      throw invalid('FULL', `This gateway is paid through ${MOST_CHANNELS} channels and takes no more.`);
    return found;
  }

  function checkCover(
    { voucher: { voucher }, settled }: CairnPayment,
    found: FoundChannel,
    held: Held,
    scheme: X402Scheme,
    amount: Amount,
  ): void {
    const covers = voucher.cumulative - held.charged;
    const isExact = scheme === 'upto' ? covers === amount : covers >= amount;
    if (!isExact || (settled !== null && settled.voucher.cumulative !== held.charged)) {
      throw invalid(
        'STALE',
        `Channel ${bytesToHex(held.channel)} was charged ${formatAmount(held.charged)} CAIRN; the voucher of a payment of ${formatAmount(amount)} promises both together, and what settles it the first.`,
        held.charged,
      );
    }
    if (voucher.cumulative > found.deposited) {
      throw invalid(
        'OVERDRAWN',
        `The voucher promises ${formatAmount(voucher.cumulative)} CAIRN, the channel holds ${formatAmount(found.deposited)}. Top it up.`,
      );
    }
  }

  function remember(id: string, entry: { channel: string; charged: Amount; most: Amount }) {
    used.set(id, entry);
    for (const oldest of used.keys()) {
      if (used.size <= MOST_USED) break;
      used.delete(oldest);
    }
    return entry;
  }

  async function claim(held: Held): Promise<void> {
    const found = await ledger.find(held.channel);
    if (found === null) {
      channels.delete(bytesToHex(held.channel));
      await records.delete(RECORDS + bytesToHex(held.channel));
      return;
    }
    const isDue = clock.nowMs() >= Number(held.dueMs) || found.finalAt !== 0n;
    const isSettled = (held.exact?.voucher.cumulative ?? 0n) === held.charged;
    const due = isSettled || !isDue ? held.exact : held.ceiling;
    if (due === null || due.voucher.cumulative <= found.claimed || held.charged <= found.claimed) return;
    await ledger.claim({ ...due, close: false });
    await save({ ...heldOf(held.channel, held.payer), claimed: due.voucher.cumulative });
    log.info('x402 channel claimed', {
      channel: bytesToHex(held.channel),
      cumulative: due.voucher.cumulative,
    });
  }

  return {
    async verify(payment, scheme, amount) {
      const found = await check(payment);
      checkCover(payment, found, heldOf(payment.voucher.voucher.channel, found.payer), scheme, amount);
      return found.payer;
    },
    async open(payment, scheme, amount) {
      const found = await check(payment);
      const held = heldOf(payment.voucher.voucher.channel, found.payer);
      const hex = bytesToHex(held.channel);
      const name = `${hex} ${payment.id}`;
      const before = used.get(name);
      if (before !== undefined) {
        const again = { ...before, id: payment.id, payer: held.payer, isUsed: true };
        return { ...again, charge: () => Promise.reject(alreadyUsed()), end: () => undefined };
      }
      if (held.recent.includes(payment.id)) throw alreadyUsed();
      checkCover(payment, found, held, scheme, amount);
      if (busy.has(hex)) {
        throw new GatewayError(
          { code: 'too_many_requests', limit: 1, resetMs: 1_000, position: null },
          'Another payment through this channel is under way. Wait for its answer.',
        );
      }
      busy.add(hex);
      const entry = remember(name, { channel: hex, charged: 0n, most: amount });
      const ceiling = payment.voucher;
      try {
        const recent = [payment.id, ...held.recent].slice(0, MOST_RECENT);
        const dueMs = BigInt(clock.nowMs() + SETTLE_WITHIN_MS);
        await save({ ...held, exact: payment.settled ?? held.exact, ceiling, dueMs, recent });
      } catch (error) {
        busy.delete(hex);
        throw error;
      }
      return {
        id: payment.id,
        payer: held.payer,
        most: amount,
        isUsed: false,
        get charged() {
          return entry.charged;
        },
        async charge(more) {
          entry.charged += more;
          const now = heldOf(held.channel, held.payer);
          await save({ ...now, charged: now.charged + more });
        },
        end: () => void busy.delete(hex),
      };
    },
    async settle(payment) {
      const found = await check(payment);
      const held = heldOf(payment.voucher.voucher.channel, found.payer);
      if (payment.voucher.voucher.cumulative !== held.charged) {
        throw invalid(
          'STALE',
          `Channel ${bytesToHex(held.channel)} was charged ${formatAmount(held.charged)} CAIRN; the voucher that settles it promises exactly that.`,
          held.charged,
        );
      }
      if (held.charged > 0n) await save({ ...held, exact: payment.voucher });
      return { payer: held.payer, charged: held.charged };
    },
    async claimDue() {
      for (const held of [...channels.values()]) {
        try {
          await claim(held);
        } catch (error) {
          log.warn('an x402 claim failed', {
            reason: error instanceof Error ? error.message : String(error),
          });
        }
      }
    },
  };
}

function alreadyUsed(): GatewayError {
  return invalid('USED', 'This payment was used before, and its answer is not kept any more.');
}

/** @param charged what the channel was charged, when the payer got that wrong */
function invalid(reason: string, message: string, charged?: Amount): GatewayError {
  return new GatewayError(
    { code: 'payment_invalid', reason, ...(charged === undefined ? {} : { charged }) },
    message,
  );
}
