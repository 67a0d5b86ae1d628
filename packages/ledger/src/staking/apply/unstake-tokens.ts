import { defineMessage } from '../../execution/message.ts';
import { creditTokens, openHolding } from '../../pools/tokens.ts';
import { tokensUnstaked } from '../events.ts';
import { unstakeTokensShape } from '../messages/unstake-tokens.ts';
import { planSale, removeShares } from '../place.ts';
import { netuidIsRoot } from '../problems.ts';

export const unstakeTokensMessage = defineMessage({
  id: 22,
  name: 'staking.unstakeTokens',
  help: "Takes a subnet's tokens with their dividends out of a hotkey, into the sender's account.",
  shape: unstakeTokensShape,
  work: () => 10,
  apply(context, { netuid, hotkey, amount }) {
    const { sender } = context;
    if (netuid === 0) return netuidIsRoot();
    const place = { netuid, coldkey: sender, hotkey };
    const sold = planSale(context, place, amount);
    if ('code' in sold) return sold;
    removeShares(context, place, sold);
    const refused = openHolding(context, sender, netuid);
    if (refused !== null) return refused;
    creditTokens(context, sender, netuid, sold.amount);
    tokensUnstaked(context, place, sold);
    return null;
  },
});
