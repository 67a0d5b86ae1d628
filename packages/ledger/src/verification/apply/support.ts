import { accountIdToAddress, areBytesEqual, bytesToHex } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { caseSupported } from '../events.ts';
import { supportShape } from '../messages/cases.ts';
import { caseUnknown, notJudge } from '../problems.ts';
import { cases, isJudge, MAX_SUPPORTERS } from '../state.ts';

export const supportMessage = defineMessage({
  id: 187,
  name: 'verification.support',
  help: "A validator's word that it checked the answer of a case itself, and what the provider showed since, and found the same fault.",
  shape: supportShape,
  work: () => 8,
  apply(context, { receipt, reveal }) {
    const { state, sender, slot } = context;
    const hex = bytesToHex(receipt);
    const open = cases.get(state, hex);
    if (open === undefined) return caseUnknown(receipt);
    if (!isJudge(state, sender, open.provider)) return notJudge(sender);
    if (slot >= open.untilSlot) {
      return problem('CASE_OVER', `The case ended at slot ${open.untilSlot}; this is slot ${slot}.`);
    }
    if (!areBytesEqual(reveal, open.reveal)) {
      return problem(
        'REVEAL_OTHER',
        `The provider's answer is ${bytesToHex(open.reveal)} and not ${bytesToHex(reveal)}. Look at it first.`,
      );
    }
    if (open.supporters.some((other) => areBytesEqual(other, sender)))
      return problem('ALREADY_SUPPORTS', `${accountIdToAddress(sender)} stands behind this case already.`);
    if (open.supporters.length >= MAX_SUPPORTERS)
      return problem('SUPPORTERS_FULL', `${MAX_SUPPORTERS} validators stand behind this case already.`);
    cases.set(state, hex, { ...open, supporters: [...open.supporters, sender] });
    caseSupported(context, receipt, open, sender);
    return null;
  },
});
