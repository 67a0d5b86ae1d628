import type { AcceptedFrame } from '@cairn/protocol';
import type { PayerChannelRecord } from './payer-record.ts';
import type { OpenPayment } from './payment.ts';
import { describe, leastTranche, worthOf } from './payment-worth.ts';

/** The requests that are under way on a channel, and what is owed for them; kept up to date token by token. */
export interface OpenPayments {
  readonly size: number;
  add(payment: OpenPayment): void;
  /** False when it was over before. */
  remove(payment: OpenPayment): boolean;
  accept(payment: OpenPayment, terms: AcceptedFrame): void;
  receive(payment: OpenPayment, tokens: number): void;
  /** Pebbles for the tokens that came and those that are paid ahead. O(1). */
  ahead(): bigint;
  /** The same with half of what is paid ahead: beyond it a voucher is due. O(1). */
  halfAhead(): bigint;
  /** Whether a voucher is due on the stream of this one. @param unpaid pebbles that come to more than is promised */
  isDue(payment: OpenPayment, unpaid: bigint): boolean;
  describe(): PayerChannelRecord['unreceipted'];
  has(isIt: (payment: OpenPayment) => boolean): boolean;
}

/** What one request comes to, as it is added up. */
interface Counted {
  /** Pebbles for the tokens that came. */
  value: bigint;
  /** With half of what is paid ahead. */
  half: bigint;
  /** With all of it. */
  full: bigint;
}

export function createOpenPayments(): OpenPayments {
  const open = new Map<OpenPayment, Counted>();
  let half = 0n;
  let full = 0n;
  let least: bigint | null = null;

  function count(payment: OpenPayment): void {
    const counted = open.get(payment);
    if (counted === undefined) return;
    const prepaid = payment.terms?.prepayTokens ?? 0;
    const value = worthOf(payment);
    const now = prepaid === 0 ? value : worthOf(payment, (prepaid + 1) >> 1);
    const ahead = prepaid === 0 ? value : worthOf(payment, prepaid);
    half += now - counted.half;
    full += ahead - counted.full;
    Object.assign(counted, { value, half: now, full: ahead });
  }

  return {
    get size() {
      return open.size;
    },
    add(payment) {
      open.set(payment, { value: 0n, half: 0n, full: 0n });
    },
    remove(payment) {
      const counted = open.get(payment);
      half -= counted?.half ?? 0n;
      full -= counted?.full ?? 0n;
      least = null;
      return open.delete(payment);
    },
    accept(payment, terms) {
      payment.terms = terms;
      least = null;
      count(payment);
    },
    receive(payment, tokens) {
      payment.tokens += tokens;
      count(payment);
    },
    ahead: () => full,
    halfAhead: () => half,
    isDue({ terms }, unpaid) {
      if (terms === null || unpaid <= 0n) return false;
      if (terms.prepayTokens > 0) return true;
      least ??= leastTranche(open.keys());
      return 2n * unpaid >= least;
    },
    describe: () => Array.from(open, ([payment, { value }]) => describe(payment, value)),
    has: (isIt) => [...open.keys()].some(isIt),
  };
}
