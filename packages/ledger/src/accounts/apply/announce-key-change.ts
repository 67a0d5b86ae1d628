import { accountIdToAddress, areBytesEqual } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { startChange } from '../keys/change.ts';
import { keyChangeStarted } from '../keys/events.ts';
import { speakingKeyOf } from '../keys/speaking.ts';
import { keyChanges, recoveries } from '../keys/state.ts';
import { announceKeyChangeShape } from '../messages/keys.ts';

export const announceKeyChangeMessage = defineMessage({
  id: 13,
  name: 'accounts.announceKeyChange',
  help: 'Announces that another key will speak for the sender; anybody can carry it out after the delay.',
  shape: announceKeyChangeShape,
  work: () => 4,
  apply(context, { newKey }) {
    const { state, sender, slot, parameters } = context;
    const address = accountIdToAddress(sender);
    if (areBytesEqual(newKey, speakingKeyOf(state, sender)))
      return problem('KEY_UNCHANGED', `This key speaks for ${address} already. Name another.`);
    const waiting = keyChanges.get(state, sender);
    if (waiting !== undefined) {
      return problem(
        'KEY_CHANGE_PENDING',
        `A change to the key of ${accountIdToAddress(waiting.newKey)} waits already. Clear or dispute it first.`,
      );
    }
    const calmFrom = (recoveries.get(state, sender)?.frozenUntil ?? 0n) + parameters.keyChangeDelaySlots;
    if (calmFrom > parameters.keyChangeDelaySlots && slot < calmFrom) {
      return problem(
        'KEY_CHANGE_TOO_SOON',
        `${address} was frozen until lately; it can announce a change again in ${calmFrom - slot} slots. Its guardians can vote any time.`,
      );
    }
    const readySlot = slot + parameters.keyChangeDelaySlots;
    const change = { newKey, origin: 'announced', readySlot } as const;
    const refused = startChange(context, sender, change, [sender]);
    if (refused === null) keyChangeStarted(context, sender, change);
    return refused;
  },
});
