import type { AccountId } from '@cairn/core';
import { releaseDeposit } from '../accounts/money.ts';
import type { MessageContext } from '../execution/context.ts';
import { countVotes, lendOn, withholdOn } from './delegation.ts';
import { addPower, subtractPower } from './power.ts';
import { releaseStakes } from './stakes.ts';
import { type Proposal, type Vote, votes } from './state.ts';

/** Whether a vote was on the side that prevailed; only then does conviction bind. */
function hasPrevailed({ state }: Proposal, { side }: Vote): boolean {
  if (side === 'against') return state === 'rejected';
  return state === 'approved' || state === 'enacted' || state === 'failed';
}

/**
 * Slot until which conviction keeps the stake of a vote once it is withdrawn; 0 when it does not.
 */
export function lockedUntil(proposal: Proposal, vote: Vote): bigint {
  return hasPrevailed(proposal, vote) ? proposal.votingEndSlot + vote.lockSlots : 0n;
}

/** Takes a vote away with all that counts through it. @returns the proposal as it then stands, not yet stored */
export function removeVote(
  context: MessageContext,
  id: number,
  proposal: Proposal,
  voter: AccountId,
  vote: Vote,
): Proposal {
  const { withheld } = vote;
  let left: Proposal = { ...proposal, votes: proposal.votes - 1 };
  if (withheld !== null) withholdOn(context, id, withheld.delegate, subtractPower, withheld.power);
  if (proposal.state === 'open') {
    left = countVotes(left, vote.side, subtractPower, addPower(vote.own, vote.lent));
    if (withheld !== null) left = lendOn(context, id, left, withheld.delegate, addPower, withheld.power);
  }
  releaseStakes(context, voter, vote.stakes, lockedUntil(proposal, vote));
  votes.delete(context.state, id, voter);
  releaseDeposit(context, voter, vote.deposit);
  return left;
}
