import { encode, formatAmount } from '@cairn/core';
import { debit, holdDeposit, recordDeposit } from '../../accounts/money.ts';
import type { BlockContext } from '../../execution/context.ts';
import { defineMessage, problem, type Verdict } from '../../execution/message.ts';
import type { Parameters } from '../../parameters/table.ts';
import type { StateView } from '../../state/view.ts';
import { priceAtIssuance } from '../../subnets/price.ts';
import { checkTerms } from '../check-terms.ts';
import { schedule } from '../end-proposal.ts';
import { proposed } from '../events.ts';
import { type Propose, proposeShape } from '../messages/propose.ts';
import { NO_POWER } from '../power.ts';
import { rulesOf } from '../rules.ts';
import {
  MILESTONE_GROWTH_BYTES,
  nextProposalCell,
  PROPOSAL_GROWTH_BYTES,
  type Proposal,
  proposalAgendaCell,
  proposalShape,
  proposals,
} from '../state.ts';

/** Places of the agenda that only pauses may take, so that nobody can crowd out an emergency. */
const PLACES_FOR_PAUSES = 4;

/** Bond of the next proposal: it doubles with each four on the agenda, so crowding it out costs a thousandfold. */
export function bondNow(view: StateView, parameters: Parameters): bigint {
  const doublings = proposalAgendaCell.get(view).length >> 2;
  return priceAtIssuance(view, parameters, parameters.proposalBond) << BigInt(doublings);
}

export const proposeMessage = defineMessage({
  id: 112,
  name: 'governance.propose',
  help: 'Opens a vote on a parameter change, a grant, a rule version, the pause of a module or a council. The bond comes back unless most vote against.',
  shape: proposeShape,
  work: () => 12,
  apply(context, message) {
    const { state, sender } = context;
    const full = checkAgenda(context, message);
    if (full !== null) return full;
    const unfit = checkTerms(context, message);
    if (unfit !== null) return unfit;
    const proposal = openProposal(context, message);
    if (proposal.bond > message.bondLimit) {
      return problem(
        'BOND_LIMIT_EXCEEDED',
        `The bond is ${formatAmount(proposal.bond)} CAIRN now, your limit is ${formatAmount(message.bondLimit)}. Raise it or wait.`,
      );
    }
    const milestones = proposal.grant?.milestones.length ?? 0;
    const sizeBytes =
      encode(proposalShape, proposal).length + PROPOSAL_GROWTH_BYTES + milestones * MILESTONE_GROWTH_BYTES;
    const deposit = recordDeposit(context, sizeBytes);
    const refused =
      holdDeposit(context, sender, deposit) ?? debit(context, sender, proposal.bond, 'governance.bond');
    if (refused !== null) return refused;
    const id = nextProposalCell.get(state);
    nextProposalCell.set(state, id + 1);
    proposals.set(state, id, { ...proposal, recordDeposit: deposit });
    schedule(state, id, proposal.votingEndSlot);
    proposed(context, id, proposal);
    return null;
  },
});

function checkAgenda(context: BlockContext, { kind }: Propose): Verdict {
  const open = BigInt(proposalAgendaCell.get(context.state).length);
  const { maxOpenProposals } = context.parameters;
  const places = kind === 'pause' ? maxOpenProposals : maxOpenProposals - BigInt(PLACES_FOR_PAUSES);
  if (open < places) return null;
  return problem(
    'AGENDA_FULL',
    `${open} proposals are voted on or wait, of ${places} places; the next bond is ${formatAmount(bondNow(context.state, context.parameters))} CAIRN. Wait until one ends.`,
  );
}

function openProposal(context: BlockContext & { sender: Uint8Array }, message: Propose): Proposal {
  const { kind, title, description, changes, pause, grant, council } = message;
  return {
    kind,
    proposer: context.sender,
    title,
    description,
    changes,
    pause,
    grant:
      grant === null
        ? null
        : {
            payee: grant.payee,
            milestones: grant.milestones.map((milestone) => ({
              ...milestone,
              state: 'planned',
              confirmations: [],
            })),
          },
    council,
    state: 'open',
    openedSlot: context.slot,
    votingEndSlot: context.slot + rulesOf(kind, context.parameters).votingSlots,
    enactSlot: 0n,
    votesFor: NO_POWER,
    votesAgainst: NO_POWER,
    votes: 0,
    bond: bondNow(context.state, context.parameters),
    recordDeposit: 0n,
    cancels: [],
    delays: [],
    isDelayed: false,
  };
}
