import { accountIdToAddress, areBytesEqual } from '@cairn/core';
import { holdDeposit, recordDeposit } from '../../accounts/money.ts';
import { accounts } from '../../accounts/state.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { lendPower } from '../delegation.ts';
import { votesDelegated } from '../events.ts';
import { delegateVotesShape } from '../messages/votes.ts';
import { powerOf } from '../power.ts';
import { collectStakes, convictionUnknown, holdStakes } from '../stakes.ts';
import { DELEGATION_BYTES, delegations, MAX_OPEN, STAKE_BYTES } from '../state.ts';

export const delegateVotesMessage = defineMessage({
  id: 115,
  name: 'governance.delegateVotes',
  help: 'Lets another account vote with the stake at some hotkeys, on every proposal on which the sender does not vote itself. What was lent to the sender does not go on with it.',
  shape: delegateVotesShape,
  work: ({ hotkeys }) => 12 + 3 * hotkeys.length + 4 * MAX_OPEN,
  apply(context, { to, conviction, hotkeys }) {
    const { state, sender } = context;
    if (areBytesEqual(to, sender))
      return problem('DELEGATE_IS_SENDER', 'Stake that you delegate to yourself is your own. Just vote.');
    if (accounts.get(state, to) === undefined)
      return problem('ACCOUNT_UNKNOWN', `Account ${accountIdToAddress(to)} does not exist.`);
    const before = delegations.get(state, sender);
    if (before !== undefined) {
      return problem(
        'ALREADY_DELEGATED',
        `Your stake votes with ${accountIdToAddress(before.delegate)}. End that first.`,
      );
    }
    const unknown = convictionUnknown(conviction);
    if (unknown !== null) return unknown;
    const collected = collectStakes(context, hotkeys);
    if ('code' in collected) return collected;
    const { stakes, capital } = collected;
    if (capital === 0n)
      return problem('VOTE_EMPTY', 'This lends no stake. Name hotkeys at which you have stake.');
    const power = powerOf(capital, conviction);
    const deposit = recordDeposit(context, DELEGATION_BYTES + STAKE_BYTES * stakes.length);
    const refused = holdDeposit(context, sender, deposit) ?? holdStakes(context, sender, stakes);
    if (refused !== null) return refused;
    const lockSlots = BigInt(conviction) * context.parameters.convictionSlots;
    delegations.set(state, sender, { delegate: to, conviction, lockSlots, stakes, power, deposit });
    lendPower(context, sender, to, power);
    votesDelegated(context, sender, to, conviction, power);
    return null;
  },
});
