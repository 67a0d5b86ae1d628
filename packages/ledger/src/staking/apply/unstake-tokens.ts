import { accountIdToAddress, formatAmount } from '@cairn/core';
import { releaseDeposit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { creditTokens, openHolding } from '../../pools/tokens.ts';
import { subnetDissolved } from '../../subnets/problems.ts';
import { isDissolved } from '../../subnets/state.ts';
import { tokensUnstaked } from '../events.ts';
import { unstakeTokensShape } from '../messages/unstake-tokens.ts';
import { sellShares, valueOfShares } from '../pool.ts';
import { tokenPools, tokenPositions } from '../token-stake.ts';

export const unstakeTokensMessage = defineMessage({
  id: 22,
  name: 'staking.unstakeTokens',
  help: "Takes a subnet's tokens with their dividends out of a hotkey, into the sender's account.",
  shape: unstakeTokensShape,
  work: () => 8,
  apply(context, { netuid, hotkey, amount }) {
    const { state, sender } = context;
    if (isDissolved(state, netuid)) return subnetDissolved(netuid);
    const pool = tokenPools.get(state, netuid, hotkey);
    const held = tokenPositions.get(state, sender, netuid, hotkey);
    const value = held === undefined ? 0n : valueOfShares(pool, held.shares);
    if (held === undefined || (amount !== null && amount > value)) {
      return problem(
        'STAKE_TOO_LOW',
        `${accountIdToAddress(sender)} has ${formatAmount(value)} tokens of subnet ${netuid} at ${accountIdToAddress(hotkey)}. Unstake at most that.`,
      );
    }
    if (amount === 0n) return problem('AMOUNT_ZERO', 'Name an amount above zero, or null for everything.');
    const sold = amount === null ? { shares: held.shares, amount: value } : sellShares(pool, amount);
    const left = held.shares - sold.shares;
    if (left === 0n) {
      tokenPositions.delete(state, sender, netuid, hotkey);
      releaseDeposit(context, sender, held.deposit);
    } else {
      tokenPositions.set(state, sender, netuid, hotkey, { ...held, shares: left });
    }
    const refused = openHolding(context, sender, netuid);
    if (refused !== null) return refused;
    creditTokens(context, sender, netuid, sold.amount);
    tokenPools.set(state, netuid, hotkey, {
      totalStake: pool.totalStake - sold.amount,
      totalShares: pool.totalShares - sold.shares,
    });
    tokensUnstaked(context, { netuid, coldkey: sender, hotkey }, sold);
    return null;
  },
});
