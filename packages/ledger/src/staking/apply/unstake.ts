import { accountIdToAddress, formatAmount } from '@cairn/core';
import { credit, releaseDeposit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { checkSharesFree } from '../../governance/locks.ts';
import { unstaked } from '../events.ts';
import { unstakeShape } from '../messages/unstake.ts';
import { sellShares, valueOfShares } from '../pool.ts';
import { hotkeyUnknown } from '../problems.ts';
import { hotkeys, positions } from '../state.ts';

export const unstakeMessage = defineMessage({
  id: 18,
  name: 'staking.unstake',
  help: 'Takes stake with its dividends out of a hotkey.',
  shape: unstakeShape,
  work: () => 7,
  apply(context, { hotkey, amount }) {
    const { state, sender } = context;
    const record = hotkeys.get(state, hotkey);
    if (record === undefined) return hotkeyUnknown(hotkey);
    const held = positions.get(state, sender, hotkey);
    const value = held === undefined ? 0n : valueOfShares(record, held.shares);
    if (held === undefined || (amount !== null && amount > value)) {
      return problem(
        'STAKE_TOO_LOW',
        `${accountIdToAddress(sender)} has ${formatAmount(value)} CAIRN at ${accountIdToAddress(hotkey)}. Unstake at most that.`,
      );
    }
    if (amount === 0n) return problem('AMOUNT_ZERO', 'Name an amount above zero, or null for everything.');
    const sold = amount === null ? { shares: held.shares, amount: value } : sellShares(record, amount);
    const pool = {
      totalStake: record.totalStake - sold.amount,
      totalShares: record.totalShares - sold.shares,
    };
    const left = held.shares - sold.shares;
    const leftValue = valueOfShares(pool, left);
    if (left > 0n && leftValue < context.parameters.minStake) {
      return problem(
        'REMAINDER_TOO_SMALL',
        `${formatAmount(leftValue)} CAIRN would remain, below the least stake of ${formatAmount(context.parameters.minStake)}. Unstake everything.`,
      );
    }
    const locked = checkSharesFree(context, sender, hotkey, left);
    if (locked !== null) return locked;
    const refused = credit(context, sender, sold.amount, 'staking.unstake');
    if (refused !== null) return refused;
    hotkeys.set(state, hotkey, { ...record, ...pool });
    if (left === 0n) {
      positions.delete(state, sender, hotkey);
      releaseDeposit(context, sender, held.deposit);
    } else {
      positions.set(state, sender, hotkey, { ...held, shares: left });
    }
    unstaked(context, sender, hotkey, sold);
    return null;
  },
});
