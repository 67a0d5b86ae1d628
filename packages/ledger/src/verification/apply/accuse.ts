import { accountIdToAddress, areBytesEqual, bytesToHex } from '@cairn/core';
import { holdDeposit, recordDeposit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { caseOpened } from '../events.ts';
import { accuseShape } from '../messages/cases.ts';
import { notJudge } from '../problems.ts';
import {
  CASE_BYTES,
  cases,
  convicted,
  isJudge,
  MAX_CASES,
  MAX_CASES_OF_ONE,
  NO_REVEAL,
  openCasesCell,
  type VerdictCase,
} from '../state.ts';

export const accuseMessage = defineMessage({
  id: 186,
  name: 'verification.accuse',
  help: "Says that a provider's signed answer is not what its artifact gives, and opens a case that other validators join after they checked it themselves. From a validator that votes on blocks; its deposit comes back when the case is decided.",
  shape: accuseShape,
  work: () => 12,
  apply(context, { provider, receipt, offenceHeight, evidence }) {
    const { state, sender, slot, block, parameters } = context;
    const hex = bytesToHex(receipt);
    if (!isJudge(state, sender, provider)) return notJudge(sender);
    if (offenceHeight > BigInt(block.height) || offenceHeight === 0n) {
      return problem(
        'HEIGHT_INVALID',
        `The offence is said to be in block ${offenceHeight}; this is block ${block.height}.`,
      );
    }
    if (cases.get(state, hex) !== undefined)
      return problem('CASE_OPEN', `A case about receipt ${hex} is open. Support it.`);
    if (convicted.get(state, provider).receipts.some((known) => areBytesEqual(known, receipt))) {
      return problem(
        'CASE_DECIDED',
        `${accountIdToAddress(provider)} was convicted for receipt ${hex} before.`,
      );
    }
    const open = openCasesCell.get(state);
    const own = open.filter(({ accuser }) => areBytesEqual(accuser, sender)).length;
    if (open.length >= MAX_CASES || own >= MAX_CASES_OF_ONE) {
      return problem(
        'CASES_FULL',
        `${open.length} of ${MAX_CASES} cases are open, ${own} of ${MAX_CASES_OF_ONE} from this sender. Wait until one is decided.`,
      );
    }
    const deposit = recordDeposit(context, CASE_BYTES);
    const refused = holdDeposit(context, sender, deposit);
    if (refused !== null) return refused;
    const opened: VerdictCase = {
      provider,
      accuser: sender,
      offenceHeight,
      evidence,
      untilSlot: slot + parameters.verdictSlots,
      reveal: NO_REVEAL,
      supporters: [sender],
      deposit,
    };
    cases.set(state, hex, opened);
    openCasesCell.set(state, [...open, { receipt, accuser: sender, untilSlot: opened.untilSlot }]);
    caseOpened(context, receipt, opened);
    return null;
  },
});
