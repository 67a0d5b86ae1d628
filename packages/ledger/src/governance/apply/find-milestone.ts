import type { MessageContext } from '../../execution/context.ts';
import { problem, type TransactionProblem } from '../../execution/message.ts';
import { proposalUnknown } from '../problems.ts';
import { type Milestone, type Proposal, proposals } from '../state.ts';

/** A milestone of a running grant. */
export function findMilestone(
  { state }: MessageContext,
  id: number,
  index: number,
): { readonly proposal: Proposal; readonly milestone: Milestone } | TransactionProblem {
  const proposal = proposals.get(state, id);
  if (proposal === undefined) return proposalUnknown(id);
  if (proposal.kind !== 'grant' || proposal.state !== 'enacted')
    return problem(
      'GRANT_NOT_RUNNING',
      `Proposal ${id} is ${proposal.state} and of kind ${proposal.kind}: no grant that runs.`,
    );
  const milestone = proposal.grant!.milestones[index];
  if (milestone !== undefined) return { proposal, milestone };
  return problem(
    'MILESTONE_UNKNOWN',
    `Proposal ${id} has ${proposal.grant!.milestones.length} milestones, counted from 0; there is no ${index}.`,
  );
}
