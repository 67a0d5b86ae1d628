import { bytesToHex } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { wakeRun } from '../agenda.ts';
import { type TrainingCase, trainingCases } from '../case.ts';
import { isOver, setCaseDue } from '../cases/decide-case.ts';
import { caseKey } from '../cases/held-pay.ts';
import { trainingSlot } from '../clock.ts';
import { stepJudged } from '../events.ts';
import { placeOfJudge } from '../judges.ts';
import { judgeStepShape } from '../messages/cases.ts';
import { notRoundJudge, runCaseUnknown, runUnknown } from '../problems.ts';
import { runs } from '../run.ts';

export const judgeMessage = defineMessage({
  id: 211,
  name: 'training.judge',
  help: "A validator's verdict after it replayed the step of a case. More than two thirds of the stake convict; the latest word of each counts.",
  shape: judgeStepShape,
  work: () => 12,
  apply(context, { run: id, case: number, verdict }) {
    const { state, sender } = context;
    if (runs.get(state, bytesToHex(id)) === undefined) return runUnknown(id);
    const open = trainingCases.get(state, caseKey(id, number));
    if (open === undefined) return runCaseUnknown(number);
    if (open.phase === 'convicted')
      return problem(
        'CASE_JUDGED',
        `Case ${number} is judged. It is heard again only if the trainer appeals.`,
      );
    if (open.deadlineSlot <= trainingSlot(state))
      return problem('CASE_OVER', `Case ${number} ended at slot ${open.deadlineSlot} of the run's clock.`);
    const judge = placeOfJudge(open.judges, sender);
    if (judge < 0) return notRoundJudge(sender);
    const others = open.votes.filter((vote) => vote.judge !== judge);
    const judged: TrainingCase = { ...open, votes: [...others, { judge, verdict }] };
    trainingCases.set(state, caseKey(id, number), judged);
    if (isOver(judged)) {
      setCaseDue(context, id, number, trainingSlot(state));
      wakeRun(state, id);
    }
    stepJudged(context, id, number, sender, verdict);
    return null;
  },
});
