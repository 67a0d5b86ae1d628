import { credit, releaseDeposit } from '../accounts/money.ts';
import type { BlockContext } from '../execution/context.ts';
import { recordFlow } from '../flows/record.ts';
import type { Overlay } from '../state/view.ts';
import {
  type AgendaEntry,
  type Proposal,
  type ProposalState,
  proposalAgendaCell,
  proposals,
} from './state.ts';
import { addToTreasury } from './treasury.ts';

/** Puts a proposal on the agenda, or moves the slot at which it is looked at. */
export function schedule(state: Overlay, id: number, dueSlot: bigint): void {
  const others = proposalAgendaCell.get(state).filter((entry) => entry.id !== id);
  const all: AgendaEntry[] = [...others, { id, dueSlot }];
  proposalAgendaCell.set(
    state,
    all.sort((a, b) => a.id - b.id),
  );
}

/** Takes a proposal off the agenda and gives its bond back, or to the treasury. @returns it as it now stands */
export function endProposal(
  context: BlockContext,
  id: number,
  proposal: Proposal,
  end: ProposalState,
  isBondLost = false,
): Proposal {
  const { state } = context;
  proposalAgendaCell.set(
    state,
    proposalAgendaCell.get(state).filter((entry) => entry.id !== id),
  );
  if (isBondLost) {
    recordFlow(state, 'governance.loseBond', proposal.bond);
    addToTreasury(state, proposal.bond);
  } else {
    // The proposer exists: it owns this record.
    credit(context, proposal.proposer, proposal.bond, 'governance.returnBond');
  }
  const ended = { ...proposal, state: end, bond: 0n };
  storeOrClear(context, id, ended);
  return ended;
}

const isOver = ({ state }: Proposal): boolean => state !== 'open' && state !== 'approved';

const isSettled = ({ state, grant }: Proposal): boolean =>
  state !== 'enacted' ||
  grant === null ||
  grant.milestones.every(({ state: reached }) => reached === 'paid' || reached === 'returned');

/** Stores a proposal; one that is over, with no vote record and no money left, is cleared away and its deposit returned. */
export function storeOrClear(context: BlockContext, id: number, proposal: Proposal): void {
  if (!isOver(proposal) || proposal.votes > 0 || !isSettled(proposal)) {
    proposals.set(context.state, id, proposal);
    return;
  }
  proposals.delete(context.state, id);
  releaseDeposit(context, proposal.proposer, proposal.recordDeposit);
}
