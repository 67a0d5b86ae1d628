import { accountIdToAddress, areBytesEqual } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { removeSubKeyShape } from '../messages/sub-keys.ts';
import { releaseDeposit } from '../money.ts';
import { subKeyRemoved } from '../sub-keys/events.ts';
import { subKeyUnknown } from '../sub-keys/problems.ts';
import { subKeys } from '../sub-keys/state.ts';

export const removeSubKeyMessage = defineMessage({
  id: 180,
  name: 'accounts.removeSubKey',
  help: 'Ends a sub-key; its owner and the key itself can do so.',
  shape: removeSubKeyShape,
  work: () => 3,
  apply(context, { owner, key }) {
    const { state, sender } = context;
    if (!areBytesEqual(sender, owner) && !areBytesEqual(sender, key)) {
      return problem(
        'NOT_SUB_KEY_PARTY',
        `Only ${accountIdToAddress(owner)} and ${accountIdToAddress(key)} can end this sub-key.`,
      );
    }
    const subKey = subKeys.get(state, owner, key);
    if (subKey === undefined) return subKeyUnknown(owner, key);
    subKeys.delete(state, owner, key);
    releaseDeposit(context, owner, subKey.deposit);
    subKeyRemoved(context, owner, key);
    return null;
  },
});
