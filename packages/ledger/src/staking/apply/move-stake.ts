import { type Amount, accountIdToAddress, areBytesEqual, formatAmount } from '@cairn/core';
import type { MessageContext } from '../../execution/context.ts';
import { defineMessage, problem, type Verdict } from '../../execution/message.ts';
import { stakeMoved } from '../events.ts';
import { moveStakeShape } from '../messages/move-stake.ts';
import { addShares, type Place, planSale, poolOf, ROOT, removeShares, setPool } from '../place.ts';
import { buyShares } from '../pool.ts';
import { hotkeyUnknown } from '../problems.ts';
import { hotkeys } from '../state.ts';
import { depart, isBound, liableFault } from '../unbonding/depart.ts';

export const moveStakeMessage = defineMessage({
  id: 23,
  name: 'staking.moveStake',
  help: 'Moves stake of the sender from one hotkey to another, on root or on a subnet. Nothing is swapped, nothing waits.',
  shape: moveStakeShape,
  work: () => 16,
  apply(context, { netuid, from, to, amount }) {
    const { state, sender } = context;
    const missing = [from, to].find((hotkey) => hotkeys.get(state, hotkey) === undefined);
    if (missing !== undefined) return hotkeyUnknown(missing);
    if (areBytesEqual(from, to)) {
      return problem('HOTKEYS_EQUAL', `Both are ${accountIdToAddress(from)}. Name two hotkeys.`);
    }
    const source = { netuid, coldkey: sender, hotkey: from };
    const target = { netuid, coldkey: sender, hotkey: to };
    const sold = planSale(context, source, amount);
    if ('code' in sold) return sold;
    const refused = liableFault(context, source, sold.amount);
    if (refused !== null) return refused;
    removeShares(context, source, sold);
    return settle(context, { source, target, amount: sold.amount });
  },
});

interface Move {
  readonly source: Place;
  readonly target: Place;
  /** What left the source. */
  readonly amount: Amount;
}

/**
 * Buys whole shares at the target. What does not buy one there buys shares of the source again; what does not buy one
 * there either, or is below the least stake, is a gift to those who stake at the target, the mover among them.
 */
function settle(context: MessageContext, { source, target, amount }: Move): Verdict {
  const { state, parameters, sender } = context;
  const { netuid } = target;
  const bought = buyShares(poolOf(state, netuid, target.hotkey), amount);
  if (bought.shares === 0n || (netuid === ROOT && bought.amount < parameters.minStake)) {
    return problem(
      'STAKE_TOO_SMALL',
      `${formatAmount(amount)} buy ${bought.shares} whole shares of ${accountIdToAddress(target.hotkey)}; the least stake is ${formatAmount(parameters.minStake)} and one share. Move more.`,
    );
  }
  let rest = amount - bought.amount;
  const back = buyShares(poolOf(state, netuid, source.hotkey), rest);
  const isBack = back.shares > 0n && back.amount >= parameters.minStake;
  if (isBack) rest -= back.amount;
  const refused = addShares(context, target, bought) ?? (isBack ? addShares(context, source, back) : null);
  if (refused !== null) return refused;
  const pool = poolOf(state, netuid, target.hotkey);
  setPool(state, netuid, target.hotkey, { ...pool, totalStake: pool.totalStake + rest });
  const moved = bought.amount + rest;
  stakeMoved(context, source, target.hotkey, { shares: bought.shares, amount: moved });
  if (netuid !== ROOT || !isBound(context, sender)) return null;
  const left = depart(context, sender, { hotkey: source.hotkey, to: target.hotkey, amount: moved });
  return left !== null && 'code' in left ? left : null;
}
