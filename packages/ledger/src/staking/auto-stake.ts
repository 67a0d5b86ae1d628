import { type AccountId, type Amount, account, bytesToHex, struct, u64 } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';
import { defineTable, numberId } from '../state/table.ts';
import type { Overlay, StateView } from '../state/view.ts';
import { tokensStaked } from './events.ts';
import { addShares, poolOf } from './place.ts';
import { buyShares } from './pool.ts';
import { hotkeys } from './state.ts';

/** Bytes that the deposit of a choice is reckoned from. */
export const AUTO_STAKE_BYTES = 40;

const choiceShape = struct('AutoStake', {
  hotkey: account,
  /** Refundable deposit of this record, paid by the coldkey. */
  deposit: u64,
});

const table = defineTable('staking', 'autoStake', choiceShape);
const idOf = (coldkey: AccountId, netuid: number) => `${bytesToHex(coldkey)}/${numberId(netuid)}`;

/** Where a coldkey's income as a miner is staked: `<coldkey hex>/<netuid>`. */
export const autoStakes = {
  table,
  get: (view: StateView, coldkey: AccountId, netuid: number) => table.get(view, idOf(coldkey, netuid)),
  set: (state: Overlay, coldkey: AccountId, netuid: number, value: { hotkey: AccountId; deposit: Amount }) =>
    table.set(state, idOf(coldkey, netuid), value),
  delete: (state: Overlay, coldkey: AccountId, netuid: number) => table.delete(state, idOf(coldkey, netuid)),
};

/**
 * Stakes income where the coldkey chose. Nothing is staked when it chose nothing, the hotkey is gone, no whole share
 * can be had, or the coldkey cannot pay the deposit of a new position.
 *
 * @returns tokens that were staked; the rest is the coldkey's
 */
export function stakeIncome(
  context: BlockContext,
  coldkey: AccountId,
  netuid: number,
  amount: Amount,
): Amount {
  const { state } = context;
  const choice = autoStakes.get(state, coldkey, netuid);
  if (choice === undefined || hotkeys.get(state, choice.hotkey) === undefined) return 0n;
  const { hotkey } = choice;
  const bought = buyShares(poolOf(state, netuid, hotkey), amount);
  const place = { netuid, coldkey, hotkey };
  if (bought.shares === 0n || addShares(context, place, bought) !== null) return 0n;
  tokensStaked(context, place, bought);
  return bought.amount;
}
