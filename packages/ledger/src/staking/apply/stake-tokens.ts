import { accountIdToAddress, formatAmount } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { closeEmptyHolding, debitTokens } from '../../pools/tokens.ts';
import { subnetDissolved } from '../../subnets/problems.ts';
import { isDissolved } from '../../subnets/state.ts';
import { tokensStaked } from '../events.ts';
import { stakeTokensShape } from '../messages/stake-tokens.ts';
import { addShares } from '../place.ts';
import { buyShares } from '../pool.ts';
import { hotkeyUnknown, netuidIsRoot } from '../problems.ts';
import { hotkeys } from '../state.ts';
import { tokenPools } from '../token-stake.ts';

export const stakeTokensMessage = defineMessage({
  id: 21,
  name: 'staking.stakeTokens',
  help: 'Stakes tokens of a subnet to a hotkey, own or of another: dividends of its work there are shared by stake.',
  shape: stakeTokensShape,
  work: () => 8,
  apply(context, { netuid, hotkey, amount }) {
    const { state, sender } = context;
    if (netuid === 0) return netuidIsRoot();
    if (isDissolved(state, netuid)) return subnetDissolved(netuid);
    if (hotkeys.get(state, hotkey) === undefined) return hotkeyUnknown(hotkey);
    const pool = tokenPools.get(state, netuid, hotkey);
    const bought = buyShares(pool, amount);
    if (bought.shares === 0n) {
      return problem(
        'STAKE_TOO_SMALL',
        `${formatAmount(amount)} tokens buy no whole share of ${accountIdToAddress(hotkey)} on subnet ${netuid}. Stake more.`,
      );
    }
    const place = { netuid, coldkey: sender, hotkey };
    const refused = addShares(context, place, bought) ?? debitTokens(context, sender, netuid, bought.amount);
    if (refused !== null) return refused;
    closeEmptyHolding(context, sender, netuid);
    tokensStaked(context, place, bought);
    return null;
  },
});
