import { advanceGovernance } from './advance.ts';
import { cancelProposalMessage } from './apply/cancel-proposal.ts';
import { claimGrantMessage } from './apply/claim-grant.ts';
import { completeMilestoneMessage } from './apply/complete-milestone.ts';
import { councilActMessage } from './apply/council-act.ts';
import { delegateVotesMessage } from './apply/delegate-votes.ts';
import { proposeMessage } from './apply/propose.ts';
import { undelegateVotesMessage } from './apply/undelegate-votes.ts';
import { voteMessage } from './apply/vote.ts';
import { withdrawVoteMessage } from './apply/withdraw-vote.ts';
import { governanceQuery, proposalQuery, proposalsQuery, voterQuery, votesQuery } from './query.ts';

/** Governance: who stakes decides on parameters, rule versions, grants, pauses and the council. */
export const governanceModule = {
  name: 'governance',
  messages: [
    proposeMessage,
    voteMessage,
    withdrawVoteMessage,
    delegateVotesMessage,
    undelegateVotesMessage,
    cancelProposalMessage,
    councilActMessage,
    completeMilestoneMessage,
    claimGrantMessage,
  ],
  queries: [governanceQuery, proposalsQuery, proposalQuery, votesQuery, voterQuery],
  beginBlock: advanceGovernance,
} as const;
