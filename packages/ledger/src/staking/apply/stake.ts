import { accountIdToAddress, formatAmount } from '@cairn/core';
import { debit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { staked } from '../events.ts';
import { stakeShape } from '../messages/stake.ts';
import { addShares, ROOT } from '../place.ts';
import { buyShares } from '../pool.ts';
import { hotkeyUnknown } from '../problems.ts';
import { hotkeys } from '../state.ts';

export const stakeMessage = defineMessage({
  id: 17,
  name: 'staking.stake',
  help: 'Stakes spendable CAIRN to a hotkey, own or of another: dividends of its work are shared by stake.',
  shape: stakeShape,
  work: () => 6,
  apply(context, { hotkey, amount }) {
    const { state, sender } = context;
    const record = hotkeys.get(state, hotkey);
    if (record === undefined) return hotkeyUnknown(hotkey);
    const bought = buyShares(record, amount);
    const { minStake } = context.parameters;
    if (bought.shares === 0n || bought.amount < minStake) {
      return problem(
        'STAKE_TOO_SMALL',
        `${formatAmount(amount)} CAIRN buy ${bought.shares} whole shares of ${accountIdToAddress(hotkey)}; the least stake is ${formatAmount(minStake)} and one share.`,
      );
    }
    const place = { netuid: ROOT, coldkey: sender, hotkey };
    const refused =
      addShares(context, place, bought) ?? debit(context, sender, bought.amount, 'staking.stake');
    if (refused !== null) return refused;
    staked(context, sender, hotkey, bought);
    return null;
  },
});
