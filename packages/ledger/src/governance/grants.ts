import { type Amount, formatAmount } from '@cairn/core';
import { credit } from '../accounts/money.ts';
import type { BlockContext } from '../execution/context.ts';
import { recordFlow } from '../flows/record.ts';
import type { Overlay } from '../state/view.ts';
import { storeOrClear } from './end-proposal.ts';
import { grantPaid, grantReturned } from './events.ts';
import { grantsCell, MAX_GRANTS, type Milestone, type Proposal, proposals } from './state.ts';
import { addToTreasury, treasuryCell } from './treasury.ts';

export const grantTotal = (milestones: readonly { readonly amount: Amount }[]): Amount =>
  milestones.reduce((total, { amount }) => total + amount, 0n);

const isHeld = ({ state }: Milestone): boolean => state === 'planned' || state === 'confirmed';

/** Takes the money of a grant out of the treasury. @returns why it cannot, or null */
export function startGrant(context: BlockContext, id: number, proposal: Proposal): string | null {
  const { state } = context;
  const { milestones } = proposal.grant!;
  const total = grantTotal(milestones);
  const balance = treasuryCell.get(state);
  if (balance < total)
    return `the treasury holds ${formatAmount(balance)} CAIRN, the grant is ${formatAmount(total)}`;
  if (grantsCell.get(state).length >= MAX_GRANTS) return `${MAX_GRANTS} grants are running, no more may`;
  recordFlow(state, 'governance.grant', total);
  treasuryCell.set(state, balance - total);
  scheduleGrant(state, id, milestones);
  return null;
}

/** Notes the next deadline of a grant, or that it has none left. */
export function scheduleGrant(state: Overlay, id: number, milestones: readonly Milestone[]): void {
  const others = grantsCell.get(state).filter((entry) => entry.id !== id);
  const held = milestones.filter(isHeld);
  if (held.length === 0) {
    grantsCell.set(state, others);
    return;
  }
  const dueSlot = held.reduce(
    (next, { deadlineSlot }) => (deadlineSlot < next ? deadlineSlot : next),
    held[0]!.deadlineSlot,
  );
  grantsCell.set(
    state,
    [...others, { id, dueSlot }].sort((a, b) => a.id - b.id),
  );
}

/** The proposal with one milestone in another state. */
export function withMilestone(
  proposal: Proposal,
  index: number,
  change: Partial<Milestone>,
): Proposal & { grant: NonNullable<Proposal['grant']> } {
  const grant = proposal.grant!;
  const milestones = grant.milestones.map((milestone, other) =>
    other === index ? { ...milestone, ...change } : milestone,
  );
  return { ...proposal, grant: { ...grant, milestones } };
}

/** Settles the milestones of running grants whose deadline has passed: the confirmed are paid, others go back. */
export function settleDueGrants(context: BlockContext): void {
  for (const { id, dueSlot } of grantsCell.get(context.state)) {
    if (dueSlot >= context.slot) continue;
    let proposal = proposals.get(context.state, id)!;
    for (const [index, milestone] of proposal.grant!.milestones.entries()) {
      if (!isHeld(milestone) || milestone.deadlineSlot >= context.slot) continue;
      proposal = settleMilestone(context, id, proposal, index, milestone);
    }
    scheduleGrant(context.state, id, proposal.grant!.milestones);
    storeOrClear(context, id, proposal);
  }
}

function settleMilestone(
  context: BlockContext,
  id: number,
  proposal: Proposal,
  index: number,
  { state: reached, amount }: Milestone,
): Proposal {
  const { payee } = proposal.grant!;
  if (reached === 'confirmed' && credit(context, payee, amount, 'governance.payMilestone') === null) {
    grantPaid(context, id, index, payee, amount);
    return withMilestone(proposal, index, { state: 'paid' });
  }
  recordFlow(context.state, 'governance.returnMilestone', amount);
  addToTreasury(context.state, amount);
  grantReturned(context, id, index, amount);
  return withMilestone(proposal, index, { state: 'returned' });
}
