import { debit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { addToReserves } from '../../pools/market.ts';
import { markets } from '../../pools/state.ts';
import { matchFault, returnChallenge } from '../lifecycle/challenge.ts';
import { matched } from '../lifecycle/events.ts';
import { challenges } from '../lifecycle/state.ts';
import { matchChallengeShape } from '../messages/lifecycle.ts';
import { subnetUnknown } from '../problems.ts';
import { subnets } from '../state.ts';

export const matchChallengeMessage = defineMessage({
  id: 37,
  name: 'subnets.match',
  help: 'Keeps a challenged subnet: puts as much into its pool as the challenger would lock, for which nobody gets tokens. The challenger gets everything back. Anybody may send it.',
  shape: matchChallengeShape,
  work: () => 8,
  apply(context, { netuid, limit }) {
    const { state, sender, slot } = context;
    const subnet = subnets.get(state, netuid);
    if (subnet === undefined) return subnetUnknown(state, netuid);
    const challenge = challenges.get(state, netuid);
    if (challenge === undefined)
      return problem('NOT_CHALLENGED', `Nobody wants the place of subnet ${netuid}.`);
    const { amount } = challenge;
    const refused = matchFault(netuid, challenge, limit) ?? debit(context, sender, amount, 'subnets.match');
    if (refused !== null) return refused;
    markets.set(state, netuid, addToReserves(markets.get(state, netuid)!, { base: 0n, quote: amount }));
    subnets.set(state, netuid, { ...subnet, matchedSlot: slot });
    matched(context, { netuid, by: sender, amount });
    return returnChallenge(context, netuid, challenge);
  },
});
