import { type AccountId, accountIdToAddress } from '@cairn/core';
import { problem, type TransactionProblem } from '../execution/message.ts';
import type { Proposal } from './state.ts';

export function proposalUnknown(id: number): TransactionProblem {
  return problem(
    'PROPOSAL_UNKNOWN',
    `There is no proposal ${id}. It was never made here, or it is cleared away.`,
  );
}

export function proposalNotOpen(id: number, { state, votingEndSlot }: Proposal): TransactionProblem {
  return problem(
    'PROPOSAL_NOT_OPEN',
    `Proposal ${id} is ${state}; it was voted on until slot ${votingEndSlot}.`,
  );
}

export function voteUnknown(id: number, voter: AccountId): TransactionProblem {
  return problem('VOTE_UNKNOWN', `${accountIdToAddress(voter)} has no vote on proposal ${id}.`);
}
