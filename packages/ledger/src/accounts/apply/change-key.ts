import { accountIdToAddress, areBytesEqual, authorizationAccount, verifyAuthorization } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { finishChange, noChange } from '../keys/change.ts';
import { keyChanged } from '../keys/events.ts';
import { keyChanges, keyConsentBytes } from '../keys/state.ts';
import { changeKeyShape } from '../messages/keys.ts';

export const changeKeyMessage = defineMessage({
  id: 14,
  name: 'accounts.changeKey',
  help: 'Carries out a change of key whose delay is over, with the consent of the new key. Anybody may send it.',
  shape: changeKeyShape,
  work: () => 46,
  apply(context, { account: id, consent }) {
    const { state, slot, crypto, chainId } = context;
    const change = keyChanges.get(state, id);
    if (change === undefined) return noChange(id);
    const address = accountIdToAddress(id);
    if (slot < change.readySlot) {
      return problem(
        'KEY_CHANGE_EARLY',
        `The key of ${address} can be changed in ${change.readySlot - slot} slots. Until then it can be disputed.`,
      );
    }
    const consenting = authorizationAccount(crypto, consent);
    if (!areBytesEqual(consenting, change.newKey)) {
      return problem(
        'KEY_CONSENT_WRONG',
        `The key of ${accountIdToAddress(consenting)} agrees, but ${address} is to be spoken for by that of ${accountIdToAddress(change.newKey)}.`,
      );
    }
    if (!verifyAuthorization(crypto, consent, keyConsentBytes(chainId, id))) {
      return problem(
        'KEY_CONSENT_INVALID',
        `The new key did not sign that it speaks for ${address} on this chain.`,
      );
    }
    finishChange(context, id, change);
    keyChanged(context, id, change);
    return null;
  },
});
