import { accountIdToAddress, areBytesEqual, bytesToHex } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { caseAnswered } from '../events.ts';
import { answerShape } from '../messages/cases.ts';
import { caseUnknown } from '../problems.ts';
import { cases, NO_REVEAL, openCasesCell, type VerdictCase } from '../state.ts';

export const answerMessage = defineMessage({
  id: 188,
  name: 'verification.answer',
  help: "The provider's one answer to a case, before its deadline: names what it shows. Everybody who stood behind the case has to look again, and the deadline starts anew.",
  shape: answerShape,
  work: () => 6,
  apply(context, { receipt, reveal }) {
    const { state, sender, slot, parameters } = context;
    const hex = bytesToHex(receipt);
    const open = cases.get(state, hex);
    if (open === undefined) return caseUnknown(receipt);
    if (!areBytesEqual(open.provider, sender)) {
      return problem(
        'NOT_PROVIDER',
        `The case is about ${accountIdToAddress(open.provider)}, who alone may answer it.`,
      );
    }
    if (slot >= open.untilSlot)
      return problem('CASE_OVER', `The case ended at slot ${open.untilSlot}; this is slot ${slot}.`);
    if (!areBytesEqual(open.reveal, NO_REVEAL))
      return problem(
        'ALREADY_ANSWERED',
        `The case was answered with ${bytesToHex(open.reveal)}. There is one answer.`,
      );
    if (areBytesEqual(reveal, NO_REVEAL))
      return problem('REVEAL_EMPTY', 'The answer names no bytes. Give the SHA-256 of what you show.');
    const untilSlot = slot + parameters.verdictSlots;
    const answered: VerdictCase = { ...open, reveal, supporters: [], untilSlot };
    cases.set(state, hex, answered);
    openCasesCell.set(
      state,
      openCasesCell
        .get(state)
        .map((entry) => (areBytesEqual(entry.receipt, receipt) ? { ...entry, untilSlot } : entry)),
    );
    caseAnswered(context, receipt, answered);
    return null;
  },
});
