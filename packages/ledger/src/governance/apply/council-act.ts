import { type AccountId, accountIdToAddress, areBytesEqual } from '@cairn/core';
import type { MessageContext } from '../../execution/context.ts';
import { defineMessage, problem, type Verdict } from '../../execution/message.ts';
import { countAgreed, isMember, notCouncil } from '../council.ts';
import { endProposal, schedule } from '../end-proposal.ts';
import { cancelled, councilSpoke, delayed } from '../events.ts';
import { type CouncilAct, councilActShape } from '../messages/proposals.ts';
import { proposalNotOpen, proposalUnknown } from '../problems.ts';
import { councilCell, type Proposal, proposals } from '../state.ts';

export const councilActMessage = defineMessage({
  id: 118,
  name: 'governance.councilAct',
  help: 'A member of the council asks to put off an enactment once, or to cancel a proposal; it is done when enough members ask. The council cannot cancel its own replacement.',
  shape: councilActShape,
  work: () => 8,
  apply(context, message) {
    const { state, sender } = context;
    const { proposal: id, action } = message;
    const council = councilCell.get(state);
    if (!isMember(council, sender)) return notCouncil(sender);
    const proposal = proposals.get(state, id);
    if (proposal === undefined) return proposalUnknown(id);
    const unfit = checkAction(message, proposal);
    if (unfit !== null) return unfit;
    const list = action === 'cancel' ? 'cancels' : 'delays';
    if (proposal[list].some((member) => areBytesEqual(member, sender))) return alreadyAsked(id, sender);
    // Who is no member any more counts no more, and makes room.
    const asking = [...proposal[list].filter((member) => isMember(council, member)), sender];
    const asked = { ...proposal, [list]: asking };
    const agreed = countAgreed(council, asking);
    councilSpoke(context, id, sender, action, agreed, council.agreement);
    if (agreed < council.agreement) proposals.set(state, id, asked);
    else if (action === 'delay') putOff(context, id, asked);
    else {
      endProposal(context, id, asked, 'cancelled');
      cancelled(context, id, 'council');
    }
    return null;
  },
});

function checkAction({ proposal: id, action }: CouncilAct, proposal: Proposal): Verdict {
  const { state, kind, isDelayed } = proposal;
  if (state !== 'approved' && (action === 'delay' || state !== 'open')) return proposalNotOpen(id, proposal);
  if (action === 'cancel' && kind === 'council')
    return problem(
      'COUNCIL_BOUND',
      `Proposal ${id} decides who the council is. The council can put it off, not cancel it.`,
    );
  if (action === 'delay' && isDelayed)
    return problem('ALREADY_DELAYED', `Proposal ${id} was put off once, to slot ${proposal.enactSlot}.`);
  return null;
}

const alreadyAsked = (id: number, member: AccountId) =>
  problem('ALREADY_AGREED', `${accountIdToAddress(member)} has asked this of proposal ${id} already.`);

function putOff({ state, parameters, ...context }: MessageContext, id: number, proposal: Proposal): void {
  const enactSlot = proposal.enactSlot + parameters.councilDelaySlots;
  proposals.set(state, id, { ...proposal, enactSlot, isDelayed: true });
  schedule(state, id, enactSlot);
  delayed({ state, parameters, ...context }, id, enactSlot);
}
