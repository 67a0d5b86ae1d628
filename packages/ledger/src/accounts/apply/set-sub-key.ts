import { accountIdToAddress, areBytesEqual } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { speakingKeyOf } from '../keys/speaking.ts';
import { setSubKeyShape } from '../messages/sub-keys.ts';
import { holdDeposit, recordDeposit } from '../money.ts';
import { subKeySet } from '../sub-keys/events.ts';
import { SUB_KEY_BYTES, subKeys } from '../sub-keys/state.ts';

export const setSubKeyMessage = defineMessage({
  id: 179,
  name: 'accounts.setSubKey',
  help: 'Lets another account spend the sender’s money within limits. Set again, it keeps count of what was spent.',
  shape: setSubKeyShape,
  work: () => 4,
  apply(context, { key, limits }) {
    const { state, sender, slot } = context;
    if (areBytesEqual(key, sender))
      return problem('SUB_KEY_IS_OWNER', `${accountIdToAddress(sender)} needs no sub-key of its own.`);
    if (limits.expirySlot < slot) {
      return problem(
        'SUB_KEY_EXPIRED',
        `Slot ${limits.expirySlot} is past, this is ${slot}. Choose a later one.`,
      );
    }
    if (limits.messages.length === 0 || new Set(limits.messages).size !== limits.messages.length)
      return problem('SUB_KEY_MESSAGES_UNFIT', 'Name each message that the key may run, at least one, once.');
    const known = subKeys.get(state, sender, key);
    const deposit = known?.deposit ?? recordDeposit(context, SUB_KEY_BYTES);
    const refused = known === undefined ? holdDeposit(context, sender, deposit) : null;
    if (refused !== null) return refused;
    subKeys.set(state, sender, key, {
      limits,
      spent: known?.spent ?? 0n,
      day: known?.day ?? 0n,
      spentToday: known?.spentToday ?? 0n,
      setBy: speakingKeyOf(state, sender),
      deposit,
    });
    subKeySet(context, sender, key, limits);
    return null;
  },
});
