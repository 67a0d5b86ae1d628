import { formatAmount } from '@cairn/core';
import { debit, holdDeposit, recordDeposit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { openChallenge } from '../lifecycle/challenge.ts';
import { openSubnet } from '../lifecycle/open-subnet.ts';
import { challengeNotices } from '../lifecycle/state.ts';
import { createSubnetShape } from '../messages/create.ts';
import { lockCost } from '../price.ts';
import { MAX_NETUID, MAX_SUBNETS, SUBNET_BYTES, subnetsCell } from '../state.ts';

export const createSubnetMessage = defineMessage({
  id: 32,
  name: 'subnets.create',
  help: 'Creates a subnet owned by the sender, who locks what it costs now. When all places are taken it challenges the weakest subnet instead, which has a notice to match what was locked.',
  shape: createSubnetShape,
  /** The pools of all others are read for its price, or all subnets with theirs to find the weakest. */
  work: () => 2 * MAX_SUBNETS + 32,
  apply(context, { name, lockLimit }) {
    const { state, sender, parameters, slot } = context;
    if (name.trim() === '') return problem('NAME_EMPTY', 'Give the subnet a name.');
    const network = subnetsCell.get(state);
    if (network.count + challengeNotices(state).length >= MAX_NETUID) {
      return problem(
        'NETUIDS_EXHAUSTED',
        `All ${MAX_NETUID} numbers of subnets have been given, and none is given twice.`,
      );
    }
    const cost = lockCost(state, parameters, slot);
    if (cost > lockLimit) {
      return problem(
        'LOCK_LIMIT_EXCEEDED',
        `A subnet locks ${formatAmount(cost)} CAIRN now, your limit is ${formatAmount(lockLimit)}. Raise it or wait.`,
      );
    }
    const deposit = recordDeposit(context, SUBNET_BYTES);
    const unpaid = holdDeposit(context, sender, deposit);
    if (unpaid !== null) return unpaid;
    subnetsCell.set(state, { ...network, lastLock: cost, lastLockSlot: slot });
    if (BigInt(network.alive) >= parameters.subnetLimit)
      return openChallenge(context, { name, amount: cost, deposit });
    const refused = debit(context, sender, cost, 'pools.lock');
    if (refused !== null) return refused;
    openSubnet(context, { name, owner: sender, locked: cost, deposit });
    return null;
  },
});
