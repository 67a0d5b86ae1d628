import { type AccountId, areBytesEqual } from '@cairn/core';
import type { MessageContext } from '../execution/context.ts';
import { addPower, NO_POWER, subtractPower, type VotingPower } from './power.ts';
import {
  lentPowers,
  type Proposal,
  proposalAgendaCell,
  proposals,
  type Side,
  type Vote,
  votes,
  withheldPowers,
} from './state.ts';

type Sum = typeof addPower;

/** Adds to one side of a proposal, or takes from it. */
export function countVotes(proposal: Proposal, side: Side, sum: Sum, power: VotingPower): Proposal {
  return side === 'for'
    ? { ...proposal, votesFor: sum(proposal.votesFor, power) }
    : { ...proposal, votesAgainst: sum(proposal.votesAgainst, power) };
}

/** What is lent to an account on a proposal: all that is delegated to it, but of those who vote themselves. */
export function lentOn({ state }: MessageContext, id: number, delegate: AccountId): VotingPower {
  const all = lentPowers.get(state, delegate)?.power ?? NO_POWER;
  return subtractPower(all, withheldPowers.get(state, id, delegate) ?? NO_POWER);
}

/** Adds power to the delegate's vote on an open proposal, or takes it from there; nothing when it has not voted. */
export function lendOn(
  context: MessageContext,
  id: number,
  proposal: Proposal,
  delegate: AccountId,
  sum: Sum,
  power: VotingPower,
): Proposal {
  const vote = votes.get(context.state, id, delegate);
  if (vote === undefined) return proposal;
  votes.set(context.state, id, delegate, { ...vote, lent: sum(vote.lent, power) });
  return countVotes(proposal, vote.side, sum, power);
}

/** Adds to what is kept from a delegate on a proposal, or takes from it. */
export function withholdOn(
  { state }: MessageContext,
  id: number,
  delegate: AccountId,
  sum: Sum,
  power: VotingPower,
): void {
  withheldPowers.set(state, id, delegate, sum(withheldPowers.get(state, id, delegate) ?? NO_POWER, power));
}

/** Lends power to a delegate from now on, on every open proposal on which its owner does not vote itself. */
export function lendPower(
  context: MessageContext,
  owner: AccountId,
  delegate: AccountId,
  power: VotingPower,
): void {
  const { state } = context;
  const lent = lentPowers.get(state, delegate) ?? { power: NO_POWER, delegators: 0 };
  lentPowers.set(state, delegate, {
    power: addPower(lent.power, power),
    delegators: lent.delegators + 1,
  });
  onOpenProposals(context, (id, proposal) => {
    const own = votes.get(state, id, owner);
    if (own === undefined) return lendOn(context, id, proposal, delegate, addPower, power);
    votes.set(state, id, owner, { ...own, withheld: { delegate, power } });
    withholdOn(context, id, delegate, addPower, power);
    return proposal;
  });
}

/** Takes back what `lendPower` lent. */
export function takeBackPower(
  context: MessageContext,
  owner: AccountId,
  delegate: AccountId,
  power: VotingPower,
): void {
  const { state } = context;
  const lent = lentPowers.get(state, delegate)!;
  lentPowers.set(state, delegate, {
    power: subtractPower(lent.power, power),
    delegators: lent.delegators - 1,
  });
  onOpenProposals(context, (id, proposal) => {
    const own = votes.get(state, id, owner);
    if (own === undefined) return lendOn(context, id, proposal, delegate, subtractPower, power);
    if (isWithheldFrom(own, delegate)) {
      votes.set(state, id, owner, { ...own, withheld: null });
      withholdOn(context, id, delegate, subtractPower, power);
    }
    return proposal;
  });
}

const isWithheldFrom = ({ withheld }: Vote, delegate: AccountId): boolean =>
  withheld !== null && areBytesEqual(withheld.delegate, delegate);

/** At most 32 proposals, those whose vote goes on. */
function onOpenProposals(
  { state }: MessageContext,
  change: (id: number, proposal: Proposal) => Proposal,
): void {
  for (const { id } of proposalAgendaCell.get(state)) {
    const proposal = proposals.get(state, id)!;
    if (proposal.state === 'open') proposals.set(state, id, change(id, proposal));
  }
}
