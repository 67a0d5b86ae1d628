import { credit } from '../accounts/money.ts';
import type { BlockContext } from '../execution/context.ts';
import { recordFlow } from '../flows/record.ts';
import { payoutAccountOf } from '../staking/payout.ts';
import { holdInCase } from './cases/held-pay.ts';
import { trainingSlot } from './clock.ts';
import { payVested } from './events.ts';
import { type PayLine, paidRounds, roundKey, triedSteps } from './paid-round.ts';
import type { Run } from './run.ts';
import { seatKey, seats } from './seat.ts';

/** Whether the window of the oldest unvested round is closed. */
export function isVestDue({ state }: BlockContext, id: Uint8Array, run: Run): boolean {
  if (run.unvestedRound >= run.round) return false;
  return paidRounds.get(state, roundKey(id, run.unvestedRound))!.vestSlot <= trainingSlot(state);
}

/**
 * Pays the oldest unvested round out, with nothing for anybody to answer. What a convicted seat earned returns to the
 * pool; what one with an open case earned waits for the case.
 *
 * Cost: about six records for each place and each validator of the round, at most 288 of them.
 */
export function vestRound(context: BlockContext, id: Uint8Array, run: Run): Run {
  const { state } = context;
  const number = run.unvestedRound;
  const key = roundKey(id, number);
  const paid = paidRounds.get(state, key)!;
  let returned = 0n;
  for (const [place, line] of paid.lines.entries()) {
    returned += payLine(context, id, number, place, line);
  }
  for (const { hotkey, pay } of paid.judges) {
    const refused = credit(context, payoutAccountOf(state, hotkey), pay, 'training.pay');
    if (refused !== null) returned += pay;
  }
  recordFlow(state, 'training.unpaid', returned);
  paidRounds.set(state, key, { ...paid, isVested: true });
  triedSteps.delete(state, key);
  if (!paid.isVoid) payVested(context, id, number, returned);
  return { ...run, pool: run.pool + returned, unvestedRound: number + 1 };
}

/** @returns pebbles that go back to the pool */
function payLine(context: BlockContext, id: Uint8Array, round: number, place: number, line: PayLine): bigint {
  const { state } = context;
  const amount = line.pay + line.witnessPay;
  const key = seatKey(id, line.seat);
  const seat = seats.get(state, key);
  if (amount === 0n) return 0n;
  // A seat stays while anything of it can vest, and its wallet while the seat does.
  if (seat === undefined || seat.isConvicted) return amount;
  if (seat.openCases > 0) {
    if (!holdInCase(state, id, round, place, amount))
      seats.set(state, key, { ...seat, heldPay: seat.heldPay + amount });
    return 0n;
  }
  if (credit(context, seat.wallet, amount, 'training.pay') !== null) return amount;
  seats.set(state, key, { ...seat, paid: seat.paid + amount });
  return 0n;
}
