import { holdDeposit, recordDeposit } from '../../accounts/money.ts';
import { defineMessage, problem } from '../../execution/message.ts';
import { countVotes, lendOn, lentOn, withholdOn } from '../delegation.ts';
import { voted } from '../events.ts';
import { voteMessageShape } from '../messages/votes.ts';
import { addPower, powerOf, subtractPower } from '../power.ts';
import { proposalNotOpen, proposalUnknown } from '../problems.ts';
import { removeVote } from '../remove-vote.ts';
import { collectStakes, convictionUnknown, holdStakes } from '../stakes.ts';
import {
  delegations,
  MAX_VOTING_HOTKEYS,
  proposals,
  STAKE_BYTES,
  VOTE_BYTES,
  type Vote,
  votes,
} from '../state.ts';

export const voteMessage = defineMessage({
  id: 113,
  name: 'governance.vote',
  help: 'Votes on an open proposal with the stake at some hotkeys, which stays locked while the vote stands, and with conviction beyond it. A second vote replaces the first; an own vote takes back what is delegated, on this proposal.',
  shape: voteMessageShape,
  work: ({ hotkeys }) => 16 + 3 * hotkeys.length + MAX_VOTING_HOTKEYS,
  apply(context, { proposal: id, side, conviction, hotkeys }) {
    const { state, sender } = context;
    const found = proposals.get(state, id);
    if (found === undefined) return proposalUnknown(id);
    if (found.state !== 'open') return proposalNotOpen(id, found);
    const unknown = convictionUnknown(conviction);
    if (unknown !== null) return unknown;
    const collected = collectStakes(context, hotkeys);
    if ('code' in collected) return collected;
    const earlier = votes.get(state, id, sender);
    let proposal = earlier === undefined ? found : removeVote(context, id, found, sender, earlier);
    const { stakes, capital } = collected;
    const own = powerOf(capital, conviction);
    const lent = lentOn(context, id, sender);
    if (own.capital + lent.capital === 0n)
      return problem('VOTE_EMPTY', 'This vote has no stake behind it. Name hotkeys at which you have stake.');
    const deposit = recordDeposit(context, VOTE_BYTES + STAKE_BYTES * stakes.length);
    const refused = holdDeposit(context, sender, deposit) ?? holdStakes(context, sender, stakes);
    if (refused !== null) return refused;
    const delegation = delegations.get(state, sender);
    const withheld =
      delegation === undefined ? null : { delegate: delegation.delegate, power: delegation.power };
    if (withheld !== null) {
      withholdOn(context, id, withheld.delegate, addPower, withheld.power);
      proposal = lendOn(context, id, proposal, withheld.delegate, subtractPower, withheld.power);
    }
    const lockSlots = BigInt(conviction) * context.parameters.convictionSlots;
    const vote: Vote = { side, conviction, lockSlots, stakes, own, lent, withheld, deposit };
    votes.set(state, id, sender, vote);
    const counted = countVotes(proposal, side, addPower, addPower(own, lent));
    proposals.set(state, id, { ...counted, votes: counted.votes + 1 });
    voted(context, id, sender, vote);
    return null;
  },
});
