import { type AccountId, type Amount, mulDiv } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';
import { recordFlow } from '../flows/record.ts';
import { hotkeys } from './state.ts';

/**
 * Gives CAIRN to all root stakers of a hotkey by share, at a cost that does not depend on their number. What was sold
 * for those who do not keep their tokens is theirs alone.
 *
 * @returns false, and nothing moved, when nobody has stake there to receive it.
 */
export function addDividend(
  context: BlockContext,
  hotkey: AccountId,
  amount: Amount,
  flow: 'emission.stakerDividend' | 'pools.rootDividend' = 'emission.stakerDividend',
): boolean {
  const record = hotkeys.get(context.state, hotkey);
  if (record === undefined) return false;
  const { totalStake, totalShares, keptStake, keptShares } = record;
  const keepersShare = flow === 'pools.rootDividend' || keptShares === 0n ? 0n : keptStake;
  if (totalShares === 0n && keepersShare === 0n) return false;
  if (amount === 0n) return true;
  recordFlow(context.state, flow, amount);
  const kept =
    totalShares === 0n
      ? amount
      : keepersShare === 0n
        ? 0n
        : mulDiv(amount, keepersShare, totalStake + keepersShare);
  hotkeys.set(context.state, hotkey, {
    ...record,
    totalStake: totalStake + amount - kept,
    keptStake: keptStake + kept,
  });
  return true;
}
