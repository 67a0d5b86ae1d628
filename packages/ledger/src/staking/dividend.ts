import type { AccountId, Amount } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';
import { recordFlow } from '../flows/record.ts';
import type { FlowName } from '../flows/table.ts';
import { hotkeys } from './state.ts';

/**
 * Gives pending emission to all stakers of a hotkey by share, at a cost that does not depend on their number.
 *
 * @returns false, and nothing moved, when nobody has stake there to receive it.
 */
export function addDividend(
  context: BlockContext,
  hotkey: AccountId,
  amount: Amount,
  flow: FlowName = 'emission.stakerDividend',
): boolean {
  const record = hotkeys.get(context.state, hotkey);
  if (record === undefined || record.totalShares === 0n) return false;
  if (amount === 0n) return true;
  recordFlow(context.state, flow, amount);
  hotkeys.set(context.state, hotkey, { ...record, totalStake: record.totalStake + amount });
  return true;
}
