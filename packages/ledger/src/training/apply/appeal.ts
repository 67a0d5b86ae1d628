import { accountIdToAddress, areBytesEqual, bytesToHex } from '@cairn/core';
import { debit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { keepRun } from '../agenda.ts';
import { type TrainingCase, trainingCases } from '../case.ts';
import { setCaseDue } from '../cases/decide-case.ts';
import { caseKey } from '../cases/held-pay.ts';
import { trainingSlot } from '../clock.ts';
import { caseAppealed } from '../events.ts';
import { appealStepShape } from '../messages/cases.ts';
import { runCaseUnknown, runUnknown } from '../problems.ts';
import { runs } from '../run.ts';
import { seatKey, seats } from '../seat.ts';

export const appealMessage = defineMessage({
  id: 212,
  name: 'training.appeal',
  help: 'The one appeal against a conviction, by the wallet or the device of the seat, with a deposit: validators replay the step again, and their earlier words count no more.',
  shape: appealStepShape,
  work: () => 14,
  apply(context, { run: id, case: number }) {
    const { state, sender, parameters } = context;
    const run = runs.get(state, bytesToHex(id));
    if (run === undefined) return runUnknown(id);
    const open = trainingCases.get(state, caseKey(id, number));
    if (open === undefined) return runCaseUnknown(number);
    const { wallet, device } = seats.get(state, seatKey(id, open.seat))!;
    if (!areBytesEqual(sender, wallet) && !areBytesEqual(sender, device))
      return problem('NOT_SEAT_OWNER', `The case is about ${accountIdToAddress(wallet)}, who alone appeals.`);
    if (open.phase !== 'convicted') {
      return problem(
        'NOT_CONVICTED',
        open.phase === 'appealed'
          ? 'This case was appealed. There is one appeal.'
          : 'This case is still being judged. There is nothing to appeal against.',
      );
    }
    if (open.deadlineSlot <= trainingSlot(state))
      return problem(
        'CASE_OVER',
        `The time to appeal ended at slot ${open.deadlineSlot} of the run's clock.`,
      );
    const appealDeposit = parameters.trainingChallengeDeposit;
    const refused = debit(context, sender, appealDeposit, 'training.challenge');
    if (refused !== null) return refused;
    const appealed: TrainingCase = {
      ...open,
      phase: 'appealed',
      deadlineSlot: trainingSlot(state) + BigInt(run.terms.caseSlots),
      votes: [],
      appealDeposit,
      appellant: sender,
    };
    trainingCases.set(state, caseKey(id, number), appealed);
    setCaseDue(context, id, number, appealed.deadlineSlot);
    keepRun(state, id, run);
    caseAppealed(context, id, number, appealed);
    return null;
  },
});
