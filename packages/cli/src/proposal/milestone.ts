import type { Connection } from '../connect.ts';
import { CliError, usage } from '../errors.ts';
import { parseCount } from '../tx/parse.ts';
import { fetchProposal, type MilestoneView, parseProposal } from './views.ts';

export interface FoundMilestone {
  readonly proposal: number;
  readonly index: number;
  readonly title: string;
  readonly payee: string;
  readonly milestone: MilestoneView;
}

/** A milestone as somebody named it. @throws CliError `USAGE`, `NOT_FOUND` */
export async function fetchMilestone(
  connection: Connection,
  given: string,
  place: string,
): Promise<FoundMilestone> {
  const proposal = parseProposal(given);
  const index = parseCount(place, 'The place of a milestone', 255);
  const { title, kind, grant } = await fetchProposal(connection, proposal);
  if (grant === null) throw usage(`Proposal ${proposal} is a ${kind}, which has no milestones.`);
  const milestone = grant.milestones[index];
  if (milestone !== undefined) return { proposal, index, title, payee: grant.payee, milestone };
  throw new CliError(
    { code: 'NOT_FOUND', what: `milestone ${index}` },
    `Proposal ${proposal} has milestones 0 to ${grant.milestones.length - 1}, not ${index}.`,
  );
}
