import { type Amount, formatAmount } from '@cairn/core';
import { GatewayError } from '../../errors.ts';
import type { Meter } from '../../meter.ts';
import type { OpenPayment } from './payment-book.ts';

/**
 * The meter for a request that its caller pays for: all its answers together hold no more than the payment, and what
 * they come to is charged with the gateway's margin.
 *
 * @param flush awaited before the answer is told
 */
export function createPaidMeter(meter: Meter, payment: OpenPayment, marginBps: bigint) {
  const withMargin = (cost: Amount) => (cost * (10_000n + marginBps) + 9_999n) / 10_000n;
  let held = 0n;
  let settled = 0n;
  let writing: Promise<unknown> = Promise.resolve();
  const paid: Meter = {
    get inFlight() {
      return meter.inFlight;
    },
    usage: (caller) => meter.usage(caller),
    book: meter.book,
    limitHeaders: (caller) => meter.limitHeaders(caller),
    reserve(caller, what) {
      const inner = meter.reserve(caller, what);
      let mine = 0n;
      const drop = () => {
        held -= mine;
        mine = 0n;
      };
      return {
        hold(amount) {
          const wanted = settled + held - mine + withMargin(amount);
          const has = payment.isUsed ? 0n : payment.most;
          if (wanted > has) {
            throw new GatewayError(
              { code: 'budget_exceeded' },
              `This may cost ${formatAmount(wanted)} CAIRN; the payment is good for ${formatAmount(has)}. ${payment.isUsed ? 'It was used before.' : 'Lower max_tokens or pay more.'}`,
            );
          }
          inner.hold(amount);
          held += withMargin(amount) - mine;
          mine = withMargin(amount);
        },
        get cost() {
          return inner.cost;
        },
        // A receipt that comes late is the gateway's loss or gain: the payer was told another price.
        correct: (change) => inner.correct(change),
        settle(cost, used) {
          drop();
          inner.settle(cost, used);
          const charged = withMargin(cost);
          settled += charged;
          writing = Promise.all([writing, payment.charge(charged)]);
          // `flush` tells a failure; until it is called nobody listens.
          writing.catch(() => undefined);
        },
        release() {
          drop();
          inner.release();
        },
      };
    },
  };
  return { meter: paid, flush: () => writing };
}
