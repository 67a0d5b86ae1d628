import { accountIdToAddress, areBytesEqual } from '@cairn/core';
import { releaseDeposit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { hotkeyDissociated } from '../events.ts';
import { dissociateHotkeyShape } from '../messages/dissociate-hotkey.ts';
import { hotkeyUnknown, notHotkeyOwner } from '../problems.ts';
import { hotkeys } from '../state.ts';

export const dissociateHotkeyMessage = defineMessage({
  id: 20,
  name: 'staking.dissociateHotkey',
  help: 'Gives a hotkey without stake and without neurons up and its deposit back.',
  shape: dissociateHotkeyShape,
  work: () => 4,
  apply(context, { hotkey }) {
    const record = hotkeys.get(context.state, hotkey);
    if (record === undefined) return hotkeyUnknown(hotkey);
    if (!areBytesEqual(record.owner, context.sender)) return notHotkeyOwner(hotkey, record.owner);
    const isStaked = record.totalShares > 0n || record.keptShares > 0n;
    if (isStaked || record.tokenPools > 0 || record.neurons > 0) {
      return problem(
        'HOTKEY_IN_USE',
        `Hotkey ${accountIdToAddress(hotkey)} still has ${record.totalStake + record.keptStake} pebbles of stake, tokens of ${record.tokenPools} subnets and ${record.neurons} neurons.`,
      );
    }
    releaseDeposit(context, context.sender, record.deposit);
    hotkeys.delete(context.state, hotkey);
    hotkeyDissociated(context, context.sender, hotkey);
    return null;
  },
});
