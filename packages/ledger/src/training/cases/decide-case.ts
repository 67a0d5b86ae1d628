import { type Amount, bytesToHex } from '@cairn/core';
import { credit } from '../../accounts/money.ts';
import type { BlockContext } from '../../execution/context.ts';
import { recordFlow } from '../../flows/record.ts';
import { payoutAccountOf } from '../../staking/payout.ts';
import { type TrainingCase, type TrainingVerdict, trainingCases } from '../case.ts';
import { trainingSlot } from '../clock.ts';
import { caseClosed, caseConvicted, trainerSlashed } from '../events.ts';
import { stakeOf } from '../judges.ts';
import { paidRounds, roundKey } from '../paid-round.ts';
import { members, type Run } from '../run.ts';
import { seatKey, seats } from '../seat.ts';
import { takePlace } from '../seat-record.ts';
import { caseKey } from './held-pay.ts';

/** Part of the challenge fund that those who judged a case share. */
const JUDGES_PART = 16n;

/** How a case ended. `dropped`: too few spoke. */
export type CaseEnd = 'guilty' | 'honest' | 'unavailable' | 'dropped';

/** Stake behind a verdict, in the case's own counting. */
function stakeBehind({ judges, votes }: TrainingCase, verdict: TrainingVerdict): bigint {
  return votes.reduce((sum, vote) => (vote.verdict === verdict ? sum + judges[vote.judge]!.stake : sum), 0n);
}

/**
 * What the votes say now: more than two thirds of all stake convict or find that nothing can be had; a third that
 * found the step honest makes a conviction impossible. Null while none of it is so.
 */
function endOf(open: TrainingCase): Exclude<CaseEnd, 'dropped'> | null {
  const total = stakeOf(open.judges);
  if (total === 0n) return null;
  if (stakeBehind(open, 'guilty') * 3n > total * 2n) return 'guilty';
  if (stakeBehind(open, 'unavailable') * 3n > total * 2n) return 'unavailable';
  return stakeBehind(open, 'honest') * 3n >= total ? 'honest' : null;
}

/** Whether a case is over before its deadline. A conviction that may be appealed is not. */
export const isOver = (open: TrainingCase): boolean => open.phase !== 'convicted' && endOf(open) !== null;

/** Decides a case whose phase is over: a first conviction waits for an appeal, everything else is final. */
export function decideCase(context: BlockContext, id: Uint8Array, run: Run, number: number): Run {
  const open = trainingCases.get(context.state, caseKey(id, number))!;
  const end = open.phase === 'convicted' ? 'guilty' : (endOf(open) ?? 'dropped');
  if (open.phase === 'judging' && end === 'guilty') {
    awaitAppeal(context, id, run, number, open);
    return run;
  }
  return closeCase(context, id, run, number, open, end);
}

function awaitAppeal(
  context: BlockContext,
  id: Uint8Array,
  run: Run,
  number: number,
  open: TrainingCase,
): void {
  const deadlineSlot = trainingSlot(context.state) + BigInt(run.terms.appealSlots);
  const convicted: TrainingCase = { ...open, phase: 'convicted', deadlineSlot };
  trainingCases.set(context.state, caseKey(id, number), convicted);
  setCaseDue(context, id, number, deadlineSlot);
  caseConvicted(context, id, number, convicted);
}

/** Lists an open case for another slot. */
export function setCaseDue({ state }: BlockContext, id: Uint8Array, number: number, dueSlot: bigint): void {
  const hex = bytesToHex(id);
  const before = members.get(state, hex)!;
  const openCases = before.openCases.map((entry) => (entry.number === number ? { number, dueSlot } : entry));
  members.set(state, hex, { ...before, openCases });
}

/**
 * Ends a case. Guilty: the bond is lost, half to the challenger and half burned, with all pay that has not vested.
 * Honest: the challenger's deposit is lost, half to the trainer and half burned. Unavailable: the round is not paid,
 * and nothing else is taken.
 *
 * Cost: about a dozen records, and two for each judge, at most 32.
 */
function closeCase(
  context: BlockContext,
  id: Uint8Array,
  run: Run,
  number: number,
  open: TrainingCase,
  end: CaseEnd,
): Run {
  const { state } = context;
  const hex = bytesToHex(id);
  trainingCases.delete(state, caseKey(id, number));
  const before = members.get(state, hex)!;
  members.set(state, hex, {
    ...before,
    openCases: before.openCases.filter((entry) => entry.number !== number),
  });
  const key = seatKey(id, open.seat);
  const seat = seats.get(state, key)!;
  seats.set(state, key, { ...seat, openCases: seat.openCases - 1 });
  let next = payJudges(context, run, open, end);
  if (end === 'guilty') next = slash(context, id, next, open);
  else next = giveHeldPay(context, id, next, open, end);
  next = returnDeposits(context, id, next, open, end);
  caseClosed(context, id, number, open, end);
  return next;
}

/** Those who judged as it was decided share a sixteenth of the challenge fund by stake. Rounds down. */
function payJudges(context: BlockContext, run: Run, open: TrainingCase, end: CaseEnd): Run {
  const right = open.votes.filter(({ verdict }) => verdict === end);
  const total = right.reduce((sum, { judge }) => sum + open.judges[judge]!.stake, 0n);
  const part = run.challengeFund / JUDGES_PART;
  let left = run.challengeFund;
  for (const { judge } of right) {
    const { hotkey, stake } = open.judges[judge]!;
    const amount = (part * stake) / total;
    const payee = payoutAccountOf(context.state, hotkey);
    if (credit(context, payee, amount, 'training.payJudge') === null) left -= amount;
  }
  return { ...run, challengeFund: left };
}

function slash(context: BlockContext, id: Uint8Array, run: Run, open: TrainingCase): Run {
  const { state } = context;
  const key = seatKey(id, open.seat);
  const seat = seats.get(state, key)!;
  const bounty: Amount = seat.bond / 2n;
  const isPaid =
    open.challenger !== null && credit(context, open.challenger, bounty, 'training.bounty') === null;
  if (!isPaid) recordFlow(state, 'training.keepBounty', bounty);
  recordFlow(state, 'training.slash', seat.bond - bounty);
  const forfeited = seat.heldPay + open.heldPay;
  recordFlow(state, 'training.unpaid', forfeited);
  seats.set(
    state,
    key,
    takePlace(context, id, open.seat, { ...seat, bond: 0n, heldPay: 0n, isConvicted: true }),
  );
  trainerSlashed(context, id, open.seat, { wallet: seat.wallet, bond: seat.bond, bounty, forfeited });
  return {
    ...run,
    pool: run.pool + forfeited,
    challengeFund: run.challengeFund + (isPaid ? 0n : bounty),
  };
}

/** Pays what waited for the case, that of the round itself only when it could be had. */
function giveHeldPay(context: BlockContext, id: Uint8Array, run: Run, open: TrainingCase, end: CaseEnd): Run {
  const { state } = context;
  const key = seatKey(id, open.seat);
  const seat = seats.get(state, key)!;
  if (seat.isConvicted) {
    recordFlow(state, 'training.unpaid', open.heldPay);
    return { ...run, pool: run.pool + open.heldPay };
  }
  const taken = end === 'unavailable' ? open.heldPay + takeLine(context, id, run, open) : 0n;
  recordFlow(state, 'training.unpaid', taken);
  const ownPay = end === 'unavailable' ? 0n : open.heldPay;
  const isLast = seat.openCases === 0;
  const due = ownPay + (isLast ? seat.heldPay : 0n);
  const paid = due === 0n || credit(context, seat.wallet, due, 'training.pay') === null;
  seats.set(state, key, {
    ...seat,
    heldPay: isLast ? 0n : seat.heldPay,
    paid: paid ? seat.paid + due : seat.paid,
  });
  return { ...run, pool: run.pool + taken + (paid ? 0n : due) };
}

/** Takes the pay of a round that has not vested off its line. @returns pebbles */
function takeLine({ state }: BlockContext, id: Uint8Array, run: Run, { round, place }: TrainingCase): Amount {
  if (round < run.unvestedRound) return 0n;
  const key = roundKey(id, round);
  const paid = paidRounds.get(state, key)!;
  const { pay } = paid.lines[place]!;
  const lines = paid.lines.map((line, at) => (at === place ? { ...line, pay: 0n } : line));
  paidRounds.set(state, key, { ...paid, lines });
  return pay;
}

/**
 * A deposit that is lost is halved, rounded down for who gains, so that nobody uses up the steps of an update by
 * challenging it from another account of the same person.
 */
function returnDeposits(
  context: BlockContext,
  id: Uint8Array,
  run: Run,
  open: TrainingCase,
  end: CaseEnd,
): Run {
  const { wallet } = seats.get(context.state, seatKey(id, open.seat))!;
  const isLost = end === 'honest';
  const payee = isLost ? wallet : open.challenger;
  const flow = isLost ? 'training.compensate' : 'training.returnDeposit';
  const due: Amount = isLost ? open.deposit / 2n : open.deposit;
  recordFlow(context.state, 'training.burnDeposit', open.deposit - due);
  let kept = 0n;
  if (payee === null || credit(context, payee, due, flow) !== null) kept += due;
  const isAppealLost = end === 'guilty' || open.appellant === null;
  if (isAppealLost) kept += open.appealDeposit;
  else if (credit(context, open.appellant!, open.appealDeposit, 'training.returnDeposit') !== null)
    kept += open.appealDeposit;
  recordFlow(context.state, 'training.keepDeposit', kept);
  return { ...run, challengeFund: run.challengeFund + kept };
}
