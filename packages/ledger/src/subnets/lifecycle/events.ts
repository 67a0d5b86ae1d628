import { type AccountId, type Amount, accountIdToAddress } from '@cairn/core';
import type { BlockContext } from '../../execution/context.ts';
import type { Challenge, DissolvedSubnet, Notice } from './state.ts';

/** The owner ends subnet `netuid` at `endSlot`. */
export function dissolutionAnnounced(context: BlockContext, { netuid, endSlot }: Notice): void {
  context.emit('subnets.dissolutionAnnounced', { netuid, endSlot: endSlot.toString() });
}

/** The owner took the announcement back. */
export function dissolutionCancelled(context: BlockContext, netuid: number): void {
  context.emit('subnets.dissolutionCancelled', { netuid });
}

const describeChallenge = ({ challenger, name, amount }: Challenge) => ({
  challenger: accountIdToAddress(challenger),
  name,
  amount: amount.toString(),
});

/** Subnet `netuid` makes room for another at `endSlot` unless somebody matches `amount`. */
export function challenged(context: BlockContext, { netuid, endSlot }: Notice, challenge: Challenge): void {
  context.emit('subnets.challenged', {
    netuid,
    ...describeChallenge(challenge),
    endSlot: endSlot.toString(),
  });
}

/** Somebody put `amount` pebbles into the pool of a challenged subnet, which stays. */
export function matched(
  context: BlockContext,
  matched: { readonly netuid: number; readonly by: AccountId; readonly amount: Amount },
): void {
  context.emit('subnets.matched', {
    netuid: matched.netuid,
    by: accountIdToAddress(matched.by),
    amount: matched.amount.toString(),
  });
}

/** How a challenge ends: it got the place, found a free one, or its money went back. */
export type ChallengeEnd = 'succeeded' | 'placeFree' | 'matched';

/** The challenge of subnet `netuid` is over, for the `reason` that is named. */
export function challengeEnded(
  context: BlockContext,
  netuid: number,
  challenge: Challenge,
  reason: ChallengeEnd,
): void {
  context.emit('subnets.challengeEnded', { netuid, ...describeChallenge(challenge), reason });
}

/** The subnet ended; `pot` pebbles are for the holders of `tokens`, in 1e-9 token. */
export function subnetDissolved(
  context: BlockContext,
  netuid: number,
  { owner, pot, tokens }: DissolvedSubnet,
): void {
  context.emit('subnets.dissolved', {
    netuid,
    owner: accountIdToAddress(owner),
    pot: pot.toString(),
    tokens: tokens.toString(),
  });
}

/** A holder of tokens of a dissolved subnet had its part; `hotkey` is where they were staked, null: nowhere. */
export function dissolvedClaimed(
  context: BlockContext,
  claimed: {
    readonly netuid: number;
    readonly holder: AccountId;
    readonly hotkey: AccountId | null;
    readonly amount: Amount;
    /** False when it was recycled: see `subnets.unpaid` of the flows. */
    readonly isPaid: boolean;
  },
): void {
  context.emit('subnets.dissolvedClaimed', {
    netuid: claimed.netuid,
    holder: accountIdToAddress(claimed.holder),
    hotkey: claimed.hotkey === null ? null : accountIdToAddress(claimed.hotkey),
    amount: claimed.amount.toString(),
    isPaid: claimed.isPaid,
  });
}

/** Everybody was paid, the neurons are gone, and the owner has the deposit back. */
export function dissolvedClosed(context: BlockContext, netuid: number): void {
  context.emit('subnets.dissolvedClosed', { netuid });
}
