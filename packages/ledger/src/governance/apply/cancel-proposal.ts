import { accountIdToAddress, areBytesEqual } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { endProposal } from '../end-proposal.ts';
import { cancelled } from '../events.ts';
import { cancelProposalShape } from '../messages/proposals.ts';
import { proposalNotOpen, proposalUnknown } from '../problems.ts';
import { proposals } from '../state.ts';

export const cancelProposalMessage = defineMessage({
  id: 117,
  name: 'governance.cancelProposal',
  help: 'Takes an open proposal of the sender back, with its bond, while nobody has voted against it.',
  shape: cancelProposalShape,
  work: () => 5,
  apply(context, { proposal: id }) {
    const proposal = proposals.get(context.state, id);
    if (proposal === undefined) return proposalUnknown(id);
    if (!areBytesEqual(proposal.proposer, context.sender)) {
      return problem(
        'NOT_PROPOSER',
        `Proposal ${id} is of ${accountIdToAddress(proposal.proposer)}, who alone may take it back.`,
      );
    }
    if (proposal.state !== 'open') return proposalNotOpen(id, proposal);
    if (proposal.votesAgainst.capital > 0n) {
      return problem(
        'PROPOSAL_OPPOSED',
        `${proposal.votesAgainst.capital} pebbles of stake are against proposal ${id}, so its bond stays until slot ${proposal.votingEndSlot}.`,
      );
    }
    endProposal(context, id, proposal, 'cancelled');
    cancelled(context, id, 'proposer');
    return null;
  },
});
