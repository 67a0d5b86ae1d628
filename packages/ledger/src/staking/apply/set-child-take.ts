import { accountIdToAddress } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { keepLending, openLending } from '../children/lending.ts';
import { parents } from '../children/state.ts';
import { childTakeSet } from '../events.ts';
import { setChildTakeShape } from '../messages/set-child-take.ts';

export const setChildTakeMessage = defineMessage({
  id: 26,
  name: 'staking.setChildTake',
  help: "Sets the part of its parents' dividends that a hotkey keeps on a subnet. Lowering is free, raising is rare once it has parents.",
  shape: setChildTakeShape,
  work: () => 8,
  apply(context, { netuid, hotkey, takeBps }) {
    const { state, slot, parameters } = context;
    const lending = openLending(context, netuid, hotkey);
    if ('code' in lending) return lending;
    if (BigInt(takeBps) > parameters.maxChildTakeBps) {
      return problem(
        'TAKE_TOO_HIGH',
        `A take of ${takeBps} basis points exceeds the ${parameters.maxChildTakeBps} allowed.`,
      );
    }
    const isRaise = takeBps > lending.takeBps;
    const allowedFrom = lending.takeRaisedSlot + parameters.takeRaiseSlots;
    if (isRaise && slot < allowedFrom && parents.get(state, netuid, hotkey).length > 0) {
      return problem(
        'TAKE_RAISED_RECENTLY',
        `Others lend to ${accountIdToAddress(hotkey)}: its take can be raised again from slot ${allowedFrom}, this is ${slot}.`,
      );
    }
    const takeRaisedSlot = isRaise ? slot : lending.takeRaisedSlot;
    keepLending(context, netuid, hotkey, { ...lending, takeBps, takeRaisedSlot });
    childTakeSet(context, { netuid, coldkey: context.sender, hotkey }, lending.takeBps, takeBps);
    return null;
  },
});
