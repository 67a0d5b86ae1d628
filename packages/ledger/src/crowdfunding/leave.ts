import type { AccountId } from '@cairn/core';
import { credit, releaseDeposit } from '../accounts/money.ts';
import type { BlockContext } from '../execution/context.ts';
import type { Verdict } from '../execution/message.ts';
import { fundClosed, refunded } from './events.ts';
import { type Contribution, contributions, type Fund, funds, places } from './state.ts';

/**
 * Deletes a contribution and gives its deposit back; the last contributor takes its place in the list.
 * The contributor exists: it owns this record.
 */
export function dropContribution(
  context: BlockContext,
  number: number,
  fund: Fund,
  id: AccountId,
  { place, deposit }: Contribution,
): Fund {
  const { state } = context;
  const last = fund.contributors - 1;
  const mover = places.get(state, number, last)!;
  if (place !== last) {
    places.set(state, number, place, mover);
    contributions.set(state, number, mover, { ...contributions.get(state, number, mover)!, place });
  }
  places.delete(state, number, last);
  contributions.delete(state, number, id);
  releaseDeposit(context, id, deposit);
  return { ...fund, contributors: last };
}

/** Gives a contribution to a fund without a subnet back, to the pebble. */
export function giveBack(
  context: BlockContext,
  number: number,
  fund: Fund,
  id: AccountId,
): { readonly fund: Fund; readonly refused: Verdict } {
  const contribution = contributions.get(context.state, number, id)!;
  const { amount } = contribution;
  const left = dropContribution(context, number, { ...fund, raised: fund.raised - amount }, id, contribution);
  const refused = credit(context, id, amount, 'crowdfunding.refund');
  refunded(context, number, id, amount);
  return { fund: left, refused };
}

/** Keeps what is left of a fund, or closes one that nobody is part of and nobody can join. */
export function keepFund(context: BlockContext, number: number, fund: Fund): void {
  const isOver = fund.netuid !== 0 || context.slot > fund.endSlot;
  if (fund.contributors > 0 || !isOver) {
    funds.set(context.state, number, fund);
    return;
  }
  funds.delete(context.state, number);
  releaseDeposit(context, fund.creator, fund.deposit);
  fundClosed(context, number);
}

/** Slots from which a fund that reached its goal is given back because nothing came of it. */
export const lapsesAfter = ({ parameters }: BlockContext, { endSlot }: Fund): bigint =>
  endSlot + parameters.crowdfundFinaliseSlots;
