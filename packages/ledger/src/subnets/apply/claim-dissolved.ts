import { accountIdToAddress } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { claimHolding, claimPosition } from '../lifecycle/claim.ts';
import { claimDissolvedShape } from '../messages/lifecycle.ts';
import { subnetUnknown } from '../problems.ts';
import { isDissolved, subnets } from '../state.ts';

export const claimDissolvedMessage = defineMessage({
  id: 36,
  name: 'subnets.claimDissolved',
  help: 'Pays the holder of tokens of a dissolved subnet its part of what was in the pool, and gives deposits back. Anybody may send it for anybody.',
  shape: claimDissolvedShape,
  work: () => 14,
  apply(context, { netuid, holder, hotkey }) {
    const { state } = context;
    if (!isDissolved(state, netuid)) {
      if (subnets.get(state, netuid) === undefined) return subnetUnknown(state, netuid);
      return problem('SUBNET_ALIVE', `Subnet ${netuid} is not dissolved. Sell its tokens instead.`);
    }
    const claim = { netuid, holder };
    const isPaid = hotkey === null ? claimHolding(context, claim) : claimPosition(context, claim, hotkey);
    if (isPaid) return null;
    const place = hotkey === null ? 'in its account' : `at ${accountIdToAddress(hotkey)}`;
    return problem(
      'NOTHING_TO_CLAIM',
      `${accountIdToAddress(holder)} has no tokens of subnet ${netuid} ${place}, or had its part already.`,
    );
  },
});
