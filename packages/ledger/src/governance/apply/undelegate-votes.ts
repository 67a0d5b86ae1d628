import { accountIdToAddress, areBytesEqual } from '@cairn/core';
import { releaseDeposit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { takeBackPower } from '../delegation.ts';
import { votesUndelegated } from '../events.ts';
import { undelegateVotesShape } from '../messages/votes.ts';
import { releaseStakes } from '../stakes.ts';
import { delegations, MAX_OPEN, MAX_VOTING_HOTKEYS } from '../state.ts';

export const undelegateVotesMessage = defineMessage({
  id: 116,
  name: 'governance.undelegateVotes',
  help: 'Ends a delegation: on open proposals its stake counts no more, and it is free when its conviction is over.',
  shape: undelegateVotesShape,
  work: () => 12 + MAX_VOTING_HOTKEYS + 4 * MAX_OPEN,
  apply(context, { from }) {
    const { state, sender, slot } = context;
    const delegation = delegations.get(state, sender);
    if (delegation === undefined || !areBytesEqual(delegation.delegate, from)) {
      return problem(
        'NOT_DELEGATED',
        `${accountIdToAddress(sender)} has delegated nothing to ${accountIdToAddress(from)}.`,
      );
    }
    const { lockSlots, stakes, power, deposit } = delegation;
    takeBackPower(context, sender, from, power);
    const until = lockSlots === 0n ? 0n : slot + lockSlots;
    releaseStakes(context, sender, stakes, until);
    delegations.delete(state, sender);
    releaseDeposit(context, sender, deposit);
    votesUndelegated(context, sender, from, until);
    return null;
  },
});
