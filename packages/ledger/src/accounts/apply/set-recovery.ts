import { accountIdToAddress, areBytesEqual, compareBytes } from '@cairn/core';
import type { MessageContext } from '../../execution/context.ts';
import { defineMessage, problem, type TransactionProblem } from '../../execution/message.ts';
import { recoverySet } from '../keys/events.ts';
import { RECOVERY_BYTES, recoveries, recoveryAt } from '../keys/state.ts';
import { type SetRecovery, setRecoveryShape } from '../messages/keys.ts';
import { holdDeposit, recordDeposit } from '../money.ts';

export const setRecoveryMessage = defineMessage({
  id: 176,
  name: 'accounts.setRecovery',
  help: 'Names guardians that together can give the sender another key. They take over after the delay of a change of key.',
  shape: setRecoveryShape,
  work: () => 3,
  apply(context, guardians) {
    const { state, sender, slot, parameters } = context;
    const unfit = findFault(context, guardians);
    if (unfit !== null) return unfit;
    const known = recoveryAt(state, sender, slot);
    const deposit = recordDeposit(context, RECOVERY_BYTES);
    if (known === undefined) {
      const refused = holdDeposit(context, sender, deposit);
      if (refused !== null) return refused;
    }
    const fromSlot = slot + parameters.keyChangeDelaySlots;
    recoveries.set(state, sender, {
      ...(known ?? { current: { guardians: [], threshold: 0 }, votes: [], frozenUntil: 0n, deposit }),
      next: { guardians, fromSlot },
    });
    recoverySet(context, sender, guardians, fromSlot);
    return null;
  },
});

function findFault(
  { sender }: MessageContext,
  { guardians, threshold }: SetRecovery,
): TransactionProblem | null {
  const isAscending = guardians.every((id, i) => i === 0 || compareBytes(guardians[i - 1]!, id) < 0);
  if (!isAscending)
    return problem('GUARDIANS_UNSORTED', 'Name guardians in ascending order of their bytes, each once.');
  if (guardians.some((id) => areBytesEqual(id, sender)))
    return problem('GUARDIAN_IS_SENDER', `${accountIdToAddress(sender)} cannot guard itself.`);
  const least = guardians.length === 0 ? 0 : 1;
  if (threshold >= least && threshold <= guardians.length) return null;
  return problem(
    'THRESHOLD_UNFIT',
    `${threshold} of ${guardians.length} guardians cannot agree. Choose a threshold from ${least} to ${guardians.length}.`,
  );
}
