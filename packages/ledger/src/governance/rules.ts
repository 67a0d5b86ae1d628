import { mulDivUp } from '@cairn/core';
import type { Parameters } from '../parameters/table.ts';
import { addPower } from './power.ts';
import type { Proposal, ProposalKind } from './state.ts';

/** What a kind of proposal has to pass. */
export interface ProposalRules {
  readonly votingSlots: bigint;
  /** Share of all stake that has to be for it. */
  readonly quorumBps: bigint;
  /** Share of the votes that the votes for it have to exceed. */
  readonly approvalBps: bigint;
  /** Slots between approval and enactment. */
  readonly timeLockSlots: bigint;
}

export function rulesOf(kind: ProposalKind, parameters: Parameters): ProposalRules {
  const { votingSlots, quorumBps, approvalBps, ruleApprovalBps } = parameters;
  switch (kind) {
    case 'parameter':
      return { votingSlots, quorumBps, approvalBps, timeLockSlots: parameters.parameterTimeLockSlots };
    case 'grant':
      return { votingSlots, quorumBps, approvalBps, timeLockSlots: parameters.grantTimeLockSlots };
    case 'ruleVersion':
    case 'council':
      return {
        votingSlots,
        quorumBps,
        approvalBps: ruleApprovalBps,
        timeLockSlots: parameters.ruleTimeLockSlots,
      };
    case 'pause':
      return {
        votingSlots: parameters.pauseVotingSlots,
        quorumBps: parameters.pauseQuorumBps,
        approvalBps: parameters.pauseApprovalBps,
        timeLockSlots: 0n,
      };
  }
}

/** What a vote came to. */
export interface Outcome {
  readonly state: 'approved' | 'rejected' | 'expired';
  readonly isBondLost: boolean;
  /** Pebbles of stake that had to be for it. */
  readonly quorum: bigint;
}

/**
 * Counts a vote that is over. A quorum of those in favour, by stake without conviction, so that votes against never
 * help; then more than `approvalBps` of all votes, with conviction. The bond is lost when a quorum is against and
 * more than `bondLossBps` of the votes. Rounds the quorum up.
 *
 * @param staked pebbles of all stake now.
 */
export function outcomeOf(proposal: Proposal, parameters: Parameters, staked: bigint): Outcome {
  const { quorumBps, approvalBps } = rulesOf(proposal.kind, parameters);
  const { votesFor, votesAgainst } = proposal;
  const cast = addPower(votesFor, votesAgainst);
  const quorum = mulDivUp(staked, quorumBps, 10_000n);
  const isBondLost =
    votesAgainst.capital >= quorum && votesAgainst.weight * 10_000n > parameters.bondLossBps * cast.weight;
  const isApproved = votesFor.capital >= quorum && votesFor.weight * 10_000n > approvalBps * cast.weight;
  if (isApproved) return { state: 'approved', isBondLost: false, quorum };
  return { state: cast.capital >= quorum && cast.capital > 0n ? 'rejected' : 'expired', isBondLost, quorum };
}
