import { areBytesEqual } from '@cairn/core';
import { recordDeposit, transfer } from '../../accounts/money.ts';
import { accounts } from '../../accounts/state.ts';
import type { MessageContext } from '../../execution/context.ts';
import { defineMessage, problem, type Verdict } from '../../execution/message.ts';
import { stakeTransferred } from '../events.ts';
import { transferStakeShape } from '../messages/transfer-stake.ts';
import { addShares, type Place, planSale, positionOf, ROOT, removeShares } from '../place.ts';
import { hotkeyUnknown } from '../problems.ts';
import { hotkeys, POSITION_BYTES } from '../state.ts';
import { liableFault } from '../unbonding/depart.ts';

export const transferStakeMessage = defineMessage({
  id: 24,
  name: 'staking.transferStake',
  help: "Gives stake to another coldkey; it stays at its hotkey. The sender pays the deposit of the payee's record when it has none.",
  shape: transferStakeShape,
  work: () => 12,
  apply(context, { netuid, hotkey, to, amount }) {
    const { state, sender } = context;
    if (hotkeys.get(state, hotkey) === undefined) return hotkeyUnknown(hotkey);
    if (areBytesEqual(to, sender)) return problem('SENDER_IS_PAYEE', 'The stake is yours already.');
    const source = { netuid, coldkey: sender, hotkey };
    const target = { netuid, coldkey: to, hotkey };
    const sold = planSale(context, source, amount);
    if ('code' in sold) return sold;
    if (
      netuid === ROOT &&
      sold.amount < context.parameters.minStake &&
      positionOf(state, target) === undefined
    ) {
      return problem(
        'STAKE_TOO_SMALL',
        `A new position of ${sold.amount} pebbles is below the least stake of ${context.parameters.minStake}. Give more.`,
      );
    }
    const refused = liableFault(context, source, sold.amount);
    if (refused !== null) return refused;
    // The same shares change hands: nothing is rounded, and nobody else's worth changes.
    removeShares(context, source, sold);
    const unpaid = payDeposit(context, target) ?? addShares(context, target, sold);
    if (unpaid !== null) return unpaid;
    stakeTransferred(context, source, to, sold);
    return null;
  },
});

/** The payee may have no CAIRN: the sender makes the deposit a gift, which also opens an account that there is not. */
function payDeposit(context: MessageContext, target: Place): Verdict {
  const { state, sender, parameters } = context;
  if (positionOf(state, target) !== undefined) return null;
  const isNew = accounts.get(state, target.coldkey) === undefined;
  const deposit = recordDeposit(context, POSITION_BYTES);
  const gift = isNew ? deposit + parameters.accountDeposit : deposit;
  return transfer(context, sender, target.coldkey, gift, 'accounts.transfer');
}
