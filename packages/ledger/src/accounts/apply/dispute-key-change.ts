import { accountIdToAddress, areBytesEqual } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { dropChange, noChange } from '../keys/change.ts';
import { keyChangeDisputed } from '../keys/events.ts';
import { keyChanges, recoveries, recoveryAt } from '../keys/state.ts';
import { disputedAccountShape } from '../messages/keys.ts';
import { accounts } from '../state.ts';

export const disputeKeyChangeMessage = defineMessage({
  id: 15,
  name: 'accounts.disputeKeyChange',
  help: 'Stops a waiting change of the sender’s key. One that the key announced freezes an account with guardians until they decide.',
  shape: disputedAccountShape,
  work: () => 5,
  apply(context, { account: id }) {
    const { state, sender, slot, parameters } = context;
    if (!areBytesEqual(id, sender)) {
      return problem('NOT_OWN_KEY', `Only ${accountIdToAddress(id)} can dispute a change of its key.`);
    }
    const change = keyChanges.get(state, id);
    if (change === undefined) return noChange(id);
    dropChange(context, id);
    const recovery = recoveryAt(state, id, slot);
    const isForGuardians =
      change.origin === 'announced' && recovery !== undefined && recovery.current.threshold > 0;
    const frozenUntil = isForGuardians ? slot + parameters.keyFreezeSlots : 0n;
    if (recovery !== undefined) {
      // Who stole the key may have named guardians of its own: they wait in vain.
      const next = isForGuardians ? null : recovery.next;
      const until = isForGuardians ? frozenUntil : recovery.frozenUntil;
      recoveries.set(state, id, { ...recovery, next, votes: [], frozenUntil: until });
    }
    if (isForGuardians) accounts.set(state, id, { ...accounts.get(state, id)!, isFrozen: true });
    keyChangeDisputed(context, id, change, frozenUntil);
    return null;
  },
});
