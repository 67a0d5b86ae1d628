import { type AccountId, accountIdToAddress, areBytesEqual } from '@cairn/core';
import type { MessageContext } from '../../execution/context.ts';
import { defineMessage, problem, type Verdict } from '../../execution/message.ts';
import { dropChange, liftFreeze, startChange } from '../keys/change.ts';
import { freezeLifted, keyChangeStarted, recoveryApproved } from '../keys/events.ts';
import { frozenProblem, speakingKeyOf } from '../keys/speaking.ts';
import { keyChanges, type Recovery, recoveries, recoveryAt } from '../keys/state.ts';
import { approveRecoveryShape } from '../messages/keys.ts';
import { accounts } from '../state.ts';

export const approveRecoveryMessage = defineMessage({
  id: 177,
  name: 'accounts.approveRecovery',
  help: 'A guardian votes for the key of an account. Enough votes start a recovery, or end the freeze after a dispute at once.',
  shape: approveRecoveryShape,
  work: () => 9,
  apply(context, { account: id, newKey }) {
    const { state, sender, slot, parameters } = context;
    const recovery = recoveryAt(state, id, slot);
    const isGuardian = recovery?.current.guardians.some((guardian) => areBytesEqual(guardian, sender));
    if (recovery === undefined || !isGuardian) {
      return problem(
        'NOT_GUARDIAN',
        `${accountIdToAddress(sender)} is no guardian of ${accountIdToAddress(id)}.`,
      );
    }
    const isFrozen = accounts.get(state, id)!.isFrozen && frozenProblem(state, id) !== null;
    const isKept = areBytesEqual(newKey, speakingKeyOf(state, id));
    if (isKept && !isFrozen) {
      return problem(
        'KEY_UNCHANGED',
        `This key speaks for ${accountIdToAddress(id)} already, and nobody disputes it.`,
      );
    }
    const waiting = keyChanges.get(state, id);
    if (waiting !== undefined && waiting.origin !== 'announced' && areBytesEqual(waiting.newKey, newKey)) {
      return problem(
        'KEY_CHANGE_PENDING',
        `Enough guardians of ${accountIdToAddress(id)} voted for this key already.`,
      );
    }
    const others = recovery.votes.filter(({ guardian }) => !areBytesEqual(guardian, sender));
    const votes = [...others, { guardian: sender, newKey }];
    const agreed = votes.filter((vote) => areBytesEqual(vote.newKey, newKey)).length;
    // From a ruling the time starts over: the new key needs some to agree.
    const isRuled = isFrozen && agreed >= recovery.current.threshold;
    const frozenUntil = isRuled ? slot + parameters.keyFreezeSlots : recovery.frozenUntil;
    recoveries.set(state, id, { ...recovery, votes, frozenUntil });
    recoveryApproved(context, id, newKey, agreed, recovery.current.threshold);
    if (agreed < recovery.current.threshold) return null;
    return isKept ? keep(context, id, recovery) : replace(context, id, newKey, isFrozen);
  },
});

/** The guardians ruled that the key stays. */
function keep(context: MessageContext, id: AccountId, recovery: Recovery): Verdict {
  dropChange(context, id);
  recoveries.set(context.state, id, { ...recovery, votes: [], frozenUntil: 0n });
  liftFreeze(context, id);
  freezeLifted(context, id);
  return null;
}

/** A recovery waits, so that a key that is not lost can dispute it; a ruling does not. */
function replace(context: MessageContext, id: AccountId, newKey: AccountId, isFrozen: boolean): Verdict {
  const { slot, parameters, sender } = context;
  const change = isFrozen
    ? ({ newKey, origin: 'ruling', readySlot: slot } as const)
    : ({ newKey, origin: 'recovery', readySlot: slot + parameters.recoveryDelaySlots } as const);
  const refused = startChange(context, id, change, [id, sender]);
  if (refused === null) keyChangeStarted(context, id, change);
  return refused;
}
