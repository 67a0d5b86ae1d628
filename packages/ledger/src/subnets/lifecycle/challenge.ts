import { type Amount, formatAmount } from '@cairn/core';
import { credit, debit, releaseDeposit } from '../../accounts/money.ts';
import type { BlockContext, MessageContext } from '../../execution/context.ts';
import { problem, type Verdict } from '../../execution/message.ts';
import { recordFlow } from '../../flows/record.ts';
import { markets } from '../../pools/state.ts';
import { netuidsAfter } from '../../yuma/state.ts';
import { subnets } from '../state.ts';
import { type ChallengeEnd, challenged, challengeEnded } from './events.ts';
import { openSubnet } from './open-subnet.ts';
import { type Challenge, challengeNotices, challenges, giveNotice, withdrawNotice } from './state.ts';

/**
 * The subnet that makes room: the lowest average price among those that are old enough, were not matched lately and
 * have no challenge; of equals the oldest, then the lowest number. Null when none may be asked to go.
 *
 * Cost: two records for each subnet.
 */
function findWeakest({ state, slot, parameters }: BlockContext): number | null {
  let weakest: { netuid: number; price: bigint; createdSlot: bigint } | null = null;
  for (const netuid of netuidsAfter(state, null)) {
    const { createdSlot, matchedSlot } = subnets.get(state, netuid)!;
    const judgedSince = createdSlot > matchedSlot ? createdSlot : matchedSlot;
    if (slot < judgedSince + parameters.networkImmunitySlots) continue;
    if (challenges.get(state, netuid) !== undefined) continue;
    const price = markets.get(state, netuid)!.priceEma;
    const isWeaker =
      weakest === null ||
      price < weakest.price ||
      (price === weakest.price && createdSlot < weakest.createdSlot);
    if (isWeaker) weakest = { netuid, price, createdSlot };
  }
  return weakest?.netuid ?? null;
}

/** Asks for the place of the weakest subnet: puts the money in escrow and gives public notice. */
export function openChallenge(
  context: MessageContext,
  { name, amount, deposit }: { name: string; amount: Amount; deposit: Amount },
): Verdict {
  const { state, sender, slot, parameters } = context;
  const { subnetLimit, evictionNoticeLimit, evictionNoticeSlots } = parameters;
  if (BigInt(challengeNotices(state).length) >= evictionNoticeLimit) {
    return problem(
      'EVICTION_NOTICES_FULL',
      `All ${subnetLimit} subnets exist and ${evictionNoticeLimit} of them are challenged already. Wait until a notice ends.`,
    );
  }
  const netuid = findWeakest(context);
  if (netuid === null) {
    return problem(
      'SUBNETS_FULL',
      `All ${subnetLimit} subnets exist, and each is challenged or was created or matched within ${parameters.networkImmunitySlots} slots. Wait.`,
    );
  }
  const refused = debit(context, sender, amount, 'subnets.escrowChallenge');
  if (refused !== null) return refused;
  const notice = { netuid, endSlot: slot + evictionNoticeSlots };
  const challenge: Challenge = { challenger: sender, name, amount, deposit };
  giveNotice(state, notice);
  challenges.set(state, netuid, challenge);
  challenged(context, notice, challenge);
  return null;
}

/** Takes a challenge off its subnet. What comes of its money is the caller's. */
function endChallenge(
  context: BlockContext,
  netuid: number,
  challenge: Challenge,
  reason: ChallengeEnd,
): void {
  challenges.delete(context.state, netuid);
  withdrawNotice(context.state, netuid);
  challengeEnded(context, netuid, challenge, reason);
}

/** Creates the subnet of a challenger, for whom there is a place now. */
export function fulfilChallenge(
  context: BlockContext,
  netuid: number,
  challenge: Challenge,
  reason: 'succeeded' | 'placeFree',
): void {
  const { challenger, name, amount, deposit } = challenge;
  endChallenge(context, netuid, challenge, reason);
  recordFlow(context.state, 'subnets.lockChallenge', amount);
  openSubnet(context, { name, owner: challenger, locked: amount, deposit });
}

/** Gives a challenger whose challenge was matched everything back. The challenger exists: the deposit is its record. */
export function returnChallenge(context: BlockContext, netuid: number, challenge: Challenge): Verdict {
  const { challenger, amount, deposit } = challenge;
  endChallenge(context, netuid, challenge, 'matched');
  releaseDeposit(context, challenger, deposit);
  return credit(context, challenger, amount, 'subnets.returnChallenge');
}

/** Why an amount to match is not enough; null when it is. */
export function matchFault(netuid: number, { amount }: Challenge, limit: Amount): Verdict {
  if (amount <= limit) return null;
  return problem(
    'MATCH_LIMIT_EXCEEDED',
    `Keeping subnet ${netuid} costs the ${formatAmount(amount)} CAIRN of its challenger, your limit is ${formatAmount(limit)}. Raise it.`,
  );
}
