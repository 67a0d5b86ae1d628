import { accountIdToAddress, areBytesEqual } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { storeOrClear } from '../end-proposal.ts';
import { voteWithdrawn } from '../events.ts';
import { withdrawVoteShape } from '../messages/votes.ts';
import { proposalUnknown, voteUnknown } from '../problems.ts';
import { lockedUntil, removeVote } from '../remove-vote.ts';
import { MAX_VOTING_HOTKEYS, proposals, votes } from '../state.ts';

export const withdrawVoteMessage = defineMessage({
  id: 114,
  name: 'governance.withdrawVote',
  help: 'Takes a vote back and returns its deposit; its stake is free, or after a vote it won when its conviction is over. Of a vote that has ended anyone may clear it away.',
  shape: withdrawVoteShape,
  work: () => 12 + MAX_VOTING_HOTKEYS,
  apply(context, { proposal: id, voter: named }) {
    const { state, sender } = context;
    const voter = named ?? sender;
    const proposal = proposals.get(state, id);
    if (proposal === undefined) return proposalUnknown(id);
    const vote = votes.get(state, id, voter);
    if (vote === undefined) return voteUnknown(id, voter);
    if (proposal.state === 'open' && !areBytesEqual(voter, sender)) {
      return problem(
        'NOT_VOTER',
        `Until slot ${proposal.votingEndSlot} only ${accountIdToAddress(voter)} can withdraw its vote on proposal ${id}.`,
      );
    }
    const until = lockedUntil(proposal, vote);
    storeOrClear(context, id, removeVote(context, id, proposal, voter, vote));
    voteWithdrawn(context, id, voter, until);
    return null;
  },
});
