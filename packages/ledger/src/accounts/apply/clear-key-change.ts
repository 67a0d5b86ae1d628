import { accountIdToAddress, areBytesEqual } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { dropChange, liftFreeze, noChange } from '../keys/change.ts';
import { freezeLifted, keyChangeCleared } from '../keys/events.ts';
import { frozenProblem } from '../keys/speaking.ts';
import { keyChanges, recoveries, recoveryAt } from '../keys/state.ts';
import { disputedAccountShape } from '../messages/keys.ts';
import { releaseDeposit } from '../money.ts';
import { accounts } from '../state.ts';

export const clearKeyChangeMessage = defineMessage({
  id: 178,
  name: 'accounts.clearKeyChange',
  help: 'Takes back what the sender announced about its key and guardians, or clears a freeze of any account whose time is over.',
  shape: disputedAccountShape,
  work: () => 5,
  apply(context, { account: id }) {
    const { state, sender, slot } = context;
    const isFrozen = accounts.get(state, id)?.isFrozen ?? false;
    const frozen = isFrozen ? frozenProblem(state, id) : null;
    if (frozen !== null) return frozen;
    if (isFrozen) {
      liftFreeze(context, id);
      dropChange(context, id);
      freezeLifted(context, id);
      return null;
    }
    if (!areBytesEqual(id, sender))
      return problem('NOT_OWN_KEY', `Only ${accountIdToAddress(id)} can clear what it announced.`);
    const recovery = recoveryAt(state, id, slot);
    const isAnnounced = keyChanges.get(state, id)?.origin === 'announced';
    const isEmpty = recovery !== undefined && recovery.current.threshold === 0;
    if (!isAnnounced && !isEmpty && (recovery?.next ?? null) === null) return noChange(id);
    if (isAnnounced) dropChange(context, id);
    if (recovery !== undefined && isEmpty) {
      recoveries.delete(state, id);
      releaseDeposit(context, id, recovery.deposit);
    } else if (recovery !== undefined) {
      recoveries.set(state, id, { ...recovery, next: null });
    }
    keyChangeCleared(context, id);
    return null;
  },
});
