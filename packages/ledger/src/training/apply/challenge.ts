import { areBytesEqual, bytesToHex } from '@cairn/core';
import { debit } from '../../accounts/money.ts';
import type { MessageContext } from '../../execution/context.ts';
import { defineMessage, problem, type Verdict } from '../../execution/message.ts';
import { keepRun } from '../agenda.ts';
import { hasPlace } from '../bitmap.ts';
import { trainingCases } from '../case.ts';
import { caseKey, openCaseAt } from '../cases/held-pay.ts';
import { hasRoomToTry, openCase } from '../cases/open-case.ts';
import { trainingSlot } from '../clock.ts';
import { MAX_CASES, MAX_CASES_OF_ONE } from '../limits.ts';
import { type ChallengeStep, challengeStepShape } from '../messages/cases.ts';
import { type PaidRound, paidRounds, roundKey, triedSteps } from '../paid-round.ts';
import { runUnknown } from '../problems.ts';
import { members, type Run, runs } from '../run.ts';
import { seatKey, seats } from '../seat.ts';
import { isReplayed } from '../terms.ts';

export const challengeMessage = defineMessage({
  id: 210,
  name: 'training.challenge',
  help: 'Doubts one inner step of an update of a settled round, with a deposit. Validators replay it; if it is wrong the challenger has half of the bond, if it is right the trainer has half of the deposit and half is burned.',
  shape: challengeStepShape,
  work: () => 90,
  apply(context, message) {
    const { state, sender } = context;
    const { run: id, round, place, step, evidence } = message;
    const run = runs.get(state, bytesToHex(id));
    if (run === undefined) return runUnknown(id);
    const paid = paidRounds.get(state, roundKey(id, round));
    const unfit = checkRound(context, run, paid, message) ?? checkCase(context, message);
    if (unfit !== null) return unfit;
    const tried = triedSteps.get(state, roundKey(id, round))?.steps ?? [];
    const before = tried.filter((one) => one.place === place).length;
    const deposit = context.parameters.trainingChallengeDeposit << BigInt(before);
    const refused = debit(context, sender, deposit, 'training.challenge');
    if (refused !== null) return refused;
    const { seat } = paid!.lines[place]!;
    const about = { round, place, seat, step, challenger: sender, evidence, deposit };
    keepRun(state, id, openCase(context, id, run, paid!, about));
    return null;
  },
});

function checkRound(
  { state }: MessageContext,
  run: Run,
  paid: PaidRound | undefined,
  { run: id, round, place, step }: ChallengeStep,
): Verdict {
  if (!isReplayed(run.terms)) {
    return problem(
      'ENGINE_TOLERANT',
      'Engines of this run may honestly differ and it states no bounds, so nobody is convicted of a step. Scores are what judges it.',
    );
  }
  if (paid === undefined || paid.isVested || paid.vestSlot <= trainingSlot(state)) {
    return problem(
      'WINDOW_CLOSED',
      `Round ${round} is not settled, or its window is closed: what vested stays paid.`,
    );
  }
  const line = paid.lines[place];
  if (line === undefined || !hasPlace(paid.committed, place))
    return problem('PLACE_EMPTY', `Place ${place} committed no update in round ${round}.`);
  if (step >= line.steps)
    return problem('STEP_INVALID', `That update has ${line.steps} steps, from 0 to ${line.steps - 1}.`);
  const seat = seats.get(state, seatKey(id, line.seat));
  if (seat === undefined || seat.isConvicted)
    return problem('SEAT_GONE', `Seat ${line.seat} is convicted or has nothing left to lose.`);
  return null;
}

function checkCase(
  { state, sender }: MessageContext,
  { run: id, round, place, step }: ChallengeStep,
): Verdict {
  const { openCases } = members.get(state, bytesToHex(id))!;
  const own = openCases.filter(({ number }) => {
    const { challenger } = trainingCases.get(state, caseKey(id, number))!;
    return challenger !== null && areBytesEqual(challenger, sender);
  }).length;
  const tried = triedSteps.get(state, roundKey(id, round))?.steps ?? [];
  if (openCases.length >= MAX_CASES || own >= MAX_CASES_OF_ONE || !hasRoomToTry(tried)) {
    return problem(
      'CASES_FULL',
      `${openCases.length} of ${MAX_CASES} cases are open, ${own} of ${MAX_CASES_OF_ONE} of this sender. Wait until one is decided.`,
    );
  }
  if (openCaseAt(state, id, round, place) !== null)
    return problem('CASE_OPEN', `A case about place ${place} of round ${round} is open.`);
  if (tried.some((one) => one.place === place && one.step === step))
    return problem('STEP_DECIDED', `Step ${step} of that update was judged. Name another.`);
  return null;
}
