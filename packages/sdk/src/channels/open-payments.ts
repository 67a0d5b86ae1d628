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
  /** Pebbles for the tokens that came and those that are paid ahead. */
  ahead(): bigint;
  /** The same with half of what is paid ahead: beyond it a voucher is due. O(1). */
  halfAhead(): bigint;
  /** Whether a voucher is due on the stream of this one. @param unpaid pebbles that come to more than is promised */
  isDue(payment: OpenPayment, unpaid: bigint): boolean;
  describe(): PayerChannelRecord['unreceipted'];
  has(isIt: (payment: OpenPayment) => boolean): boolean;
}

export function createOpenPayments(): OpenPayments {
  /** Each with its part of `half`. */
  const open = new Map<OpenPayment, bigint>();
  let half = 0n;
  let least: bigint | null = null;

  function count(payment: OpenPayment): void {
    const before = open.get(payment);
    if (before === undefined) return;
    const prepaid = payment.terms?.prepayTokens ?? 0;
    const now = payment.terms === null ? worthOf(payment) : worthOf(payment, (prepaid + 1) >> 1);
    if (now === before) return;
    half += now - before;
    open.set(payment, now);
  }

  return {
    get size() {
      return open.size;
    },
    add(payment) {
      open.set(payment, 0n);
    },
    remove(payment) {
      half -= open.get(payment) ?? 0n;
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
    ahead() {
      let sum = 0n;
      for (const payment of open.keys()) sum += worthOf(payment, payment.terms?.prepayTokens ?? 0);
      return sum;
    },
    halfAhead: () => half,
    isDue({ terms }, unpaid) {
      if (terms === null || unpaid <= 0n) return false;
      if (terms.prepayTokens > 0) return true;
      least ??= leastTranche(open.keys());
      return 2n * unpaid >= least;
    },
    describe: () => [...open.keys()].map(describe),
    has: (isIt) => [...open.keys()].some(isIt),
  };
}
