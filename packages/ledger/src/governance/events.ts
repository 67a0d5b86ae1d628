import { type AccountId, type Amount, accountIdToAddress } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';
import type { VotingPower } from './power.ts';
import type { Outcome } from './rules.ts';
import type { Proposal, Side } from './state.ts';

const power = ({ capital, weight }: VotingPower) => ({
  capital: capital.toString(),
  weight: weight.toString(),
});

const tally = ({ votesFor, votesAgainst }: Proposal) => ({
  forCapital: votesFor.capital.toString(),
  forWeight: votesFor.weight.toString(),
  againstCapital: votesAgainst.capital.toString(),
  againstWeight: votesAgainst.weight.toString(),
});

export function proposed(context: BlockContext, id: number, proposal: Proposal): void {
  context.emit('governance.proposed', {
    proposal: id,
    kind: proposal.kind,
    title: proposal.title,
    proposer: accountIdToAddress(proposal.proposer),
    bond: proposal.bond.toString(),
    votingEndSlot: proposal.votingEndSlot.toString(),
  });
}

export function voted(
  context: BlockContext,
  id: number,
  voter: AccountId,
  vote: {
    readonly side: Side;
    readonly conviction: number;
    readonly own: VotingPower;
    readonly lent: VotingPower;
  },
): void {
  context.emit('governance.voted', {
    proposal: id,
    voter: accountIdToAddress(voter),
    side: vote.side,
    conviction: vote.conviction,
    ...power(vote.own),
    lentCapital: vote.lent.capital.toString(),
    lentWeight: vote.lent.weight.toString(),
  });
}

export function voteWithdrawn(
  context: BlockContext,
  id: number,
  voter: AccountId,
  lockedUntil: bigint,
): void {
  context.emit('governance.voteWithdrawn', {
    proposal: id,
    voter: accountIdToAddress(voter),
    lockedUntil: lockedUntil.toString(),
  });
}

export function votesDelegated(
  context: BlockContext,
  from: AccountId,
  to: AccountId,
  conviction: number,
  lent: VotingPower,
): void {
  context.emit('governance.votesDelegated', {
    from: accountIdToAddress(from),
    to: accountIdToAddress(to),
    conviction,
    ...power(lent),
  });
}

export function votesUndelegated(
  context: BlockContext,
  from: AccountId,
  to: AccountId,
  lockedUntil: bigint,
): void {
  context.emit('governance.votesUndelegated', {
    from: accountIdToAddress(from),
    to: accountIdToAddress(to),
    lockedUntil: lockedUntil.toString(),
  });
}

/** It takes effect in the block after the first one that reaches `enactSlot`. */
export function approved(context: BlockContext, id: number, proposal: Proposal, { quorum }: Outcome): void {
  context.emit('governance.approved', {
    proposal: id,
    kind: proposal.kind,
    ...tally(proposal),
    quorum: quorum.toString(),
    enactSlot: proposal.enactSlot.toString(),
  });
}

/** `state`: rejected or expired. `bondLost`: what went to the treasury. */
export function declined(
  context: BlockContext,
  id: number,
  proposal: Proposal,
  { state, quorum }: Outcome,
  bondLost: Amount,
): void {
  context.emit('governance.declined', {
    proposal: id,
    kind: proposal.kind,
    state,
    ...tally(proposal),
    quorum: quorum.toString(),
    bondLost: bondLost.toString(),
  });
}

/** `effectiveHeight`: the first block that runs under it. */
export function enacted(
  context: BlockContext,
  id: number,
  proposal: Proposal,
  effectiveHeight: number,
): void {
  context.emit('governance.enacted', {
    proposal: id,
    kind: proposal.kind,
    slot: context.slot.toString(),
    effectiveHeight,
  });
}

export function parameterChanged(
  context: BlockContext,
  id: number,
  change: { readonly name: string; readonly before: bigint; readonly value: bigint },
): void {
  context.emit('governance.parameterChanged', {
    proposal: id,
    name: change.name,
    before: change.before.toString(),
    value: change.value.toString(),
    effectiveHeight: context.block.height + 1,
    slot: context.slot.toString(),
  });
}

/** It was approved and could not be enacted any more. */
export function failed(context: BlockContext, id: number, proposal: Proposal, reason: string): void {
  context.emit('governance.failed', { proposal: id, kind: proposal.kind, reason });
}

export function cancelled(context: BlockContext, id: number, by: 'proposer' | 'council'): void {
  context.emit('governance.cancelled', { proposal: id, by });
}

export function councilSpoke(
  context: BlockContext,
  id: number,
  member: AccountId,
  action: string,
  agreed: number,
  needed: number,
): void {
  context.emit('governance.councilSpoke', {
    proposal: id,
    member: accountIdToAddress(member),
    action,
    agreed,
    needed,
  });
}

export function delayed(context: BlockContext, id: number, enactSlot: bigint): void {
  context.emit('governance.delayed', { proposal: id, enactSlot: enactSlot.toString() });
}

export function modulePaused(context: BlockContext, module: string, untilSlot: bigint): void {
  context.emit('governance.modulePaused', { module, untilSlot: untilSlot.toString() });
}

export function moduleResumed(context: BlockContext, module: string): void {
  context.emit('governance.moduleResumed', { module, slot: context.slot.toString() });
}

export function milestoneConfirmed(context: BlockContext, id: number, milestone: number): void {
  context.emit('governance.milestoneConfirmed', { proposal: id, milestone });
}

export function grantPaid(
  context: BlockContext,
  id: number,
  milestone: number,
  payee: AccountId,
  amount: Amount,
): void {
  context.emit('governance.grantPaid', {
    proposal: id,
    milestone,
    payee: accountIdToAddress(payee),
    amount: amount.toString(),
  });
}

export function grantReturned(context: BlockContext, id: number, milestone: number, amount: Amount): void {
  context.emit('governance.grantReturned', { proposal: id, milestone, amount: amount.toString() });
}
