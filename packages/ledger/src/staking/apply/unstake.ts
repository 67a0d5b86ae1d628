import { credit } from '../../accounts/money.ts';
import { defineMessage } from '../../execution/message.ts';
import { recordFlow } from '../../flows/record.ts';
import { unstaked } from '../events.ts';
import { unstakeShape } from '../messages/unstake.ts';
import { planSale, ROOT, removeShares } from '../place.ts';
import { hotkeyUnknown } from '../problems.ts';
import { hotkeys } from '../state.ts';
import { depart, isBound } from '../unbonding/depart.ts';

export const unstakeMessage = defineMessage({
  id: 18,
  name: 'staking.unstake',
  help: 'Takes stake with its dividends out of a hotkey. It earns nothing from then on and is paid after the unbonding time, in which it still answers for the hotkey.',
  shape: unstakeShape,
  work: () => 10,
  apply(context, { hotkey, amount }) {
    const { state, sender } = context;
    if (hotkeys.get(state, hotkey) === undefined) return hotkeyUnknown(hotkey);
    const place = { netuid: ROOT, coldkey: sender, hotkey };
    const sold = planSale(context, place, amount);
    if ('code' in sold) return sold;
    removeShares(context, place, sold);
    if (sold.amount === 0n || !isBound(context, sender)) {
      const refused = credit(context, sender, sold.amount, 'staking.unstake');
      if (refused !== null) return refused;
      unstaked(context, place, sold, null);
      return null;
    }
    recordFlow(state, 'staking.unbond', sold.amount);
    const left = depart(context, sender, { hotkey, to: null, amount: sold.amount });
    if (left === null || 'code' in left) return left;
    unstaked(context, place, sold, left.freeSlot);
    return null;
  },
});
