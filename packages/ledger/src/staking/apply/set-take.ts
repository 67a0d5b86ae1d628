import { accountIdToAddress, areBytesEqual } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { takeSet } from '../events.ts';
import { setTakeShape } from '../messages/set-take.ts';
import { hotkeyUnknown, notHotkeyOwner } from '../problems.ts';
import { hotkeys } from '../state.ts';

export const setTakeMessage = defineMessage({
  id: 19,
  name: 'staking.setTake',
  help: 'Sets the share of dividends that the owner of a hotkey keeps. Lowering is free, raising is rare.',
  shape: setTakeShape,
  work: () => 3,
  apply(context, { hotkey, takeBps }) {
    const { maxTakeBps, takeRaiseSlots } = context.parameters;
    const record = hotkeys.get(context.state, hotkey);
    if (record === undefined) return hotkeyUnknown(hotkey);
    if (!areBytesEqual(record.owner, context.sender)) return notHotkeyOwner(hotkey, record.owner);
    if (BigInt(takeBps) > maxTakeBps) {
      return problem('TAKE_TOO_HIGH', `A take of ${takeBps} basis points exceeds the ${maxTakeBps} allowed.`);
    }
    const isRaise = takeBps > record.takeBps;
    const allowedFrom = record.takeRaisedSlot + takeRaiseSlots;
    if (isRaise && context.slot < allowedFrom) {
      return problem(
        'TAKE_RAISED_RECENTLY',
        `The take of ${accountIdToAddress(hotkey)} can be raised again from slot ${allowedFrom}, this is ${context.slot}.`,
      );
    }
    hotkeys.set(context.state, hotkey, {
      ...record,
      takeBps,
      takeRaisedSlot: isRaise ? context.slot : record.takeRaisedSlot,
    });
    takeSet(context, context.sender, hotkey, record.takeBps, takeBps);
    return null;
  },
});
