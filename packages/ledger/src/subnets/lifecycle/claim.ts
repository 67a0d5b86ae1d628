import { type AccountId, type Amount, mulDiv } from '@cairn/core';
import { credit, releaseDeposit } from '../../accounts/money.ts';
import type { BlockContext } from '../../execution/context.ts';
import { recordFlow } from '../../flows/record.ts';
import { holdings } from '../../pools/state.ts';
import { closeEmptyHolding } from '../../pools/tokens.ts';
import { dropLock } from '../../staking/locks/keep.ts';
import { tokenPools, tokenPositions } from '../../staking/token-stake.ts';
import { keepDissolved } from './dissolve.ts';
import { dissolvedClaimed } from './events.ts';
import { type DissolvedStake, type DissolvedSubnet, dissolvedStakes, dissolvedSubnets } from './state.ts';

/**
 * What the next `part` of `total` gets of `whole` when `done` of it had its part before: the running sum rounds down,
 * so everybody gets the exact quota rounded down or up, nobody can choose more than the odd pebble by coming early or
 * late, the sum never exceeds the whole, and the last takes it to the pebble.
 */
function nextPart(whole: Amount, total: bigint, done: bigint, part: bigint): Amount {
  return mulDiv(whole, done + part, total) - mulDiv(whole, done, total);
}

/** Takes what `tokens` are due out of the pot. */
function assign(ended: DissolvedSubnet, tokens: Amount): { ended: DissolvedSubnet; amount: Amount } {
  const amount = nextPart(ended.pot, ended.tokens, ended.claimed, tokens);
  return {
    amount,
    ended: { ...ended, claimed: ended.claimed + tokens, assigned: ended.assigned + amount },
  };
}

interface Claim {
  readonly netuid: number;
  readonly holder: AccountId;
}

/** Pays what a holder is due. To an account that was closed and for less than the deposit of another, it is recycled. */
function pay(
  context: BlockContext,
  { netuid, holder }: Claim,
  hotkey: AccountId | null,
  amount: Amount,
): void {
  const isPaid = credit(context, holder, amount, 'subnets.claimDissolved') === null;
  if (!isPaid) recordFlow(context.state, 'subnets.unpaid', amount);
  dissolvedClaimed(context, { netuid, holder, hotkey, amount, isPaid });
}

/**
 * Pays for the tokens in an account and closes their record. An empty one has outlived its subnet and only gives its
 * deposit back.
 *
 * @returns false when there is no record
 */
export function claimHolding(context: BlockContext, claim: Claim): boolean {
  const { state } = context;
  const { netuid, holder } = claim;
  const held = holdings.get(state, holder, netuid);
  if (held === undefined) return false;
  holdings.set(state, holder, netuid, { ...held, amount: 0n });
  closeEmptyHolding(context, holder, netuid);
  if (held.amount === 0n) return true;
  const { ended, amount } = assign(dissolvedSubnets.get(state, netuid)!, held.amount);
  pay(context, claim, null, amount);
  keepDissolved(context, netuid, ended);
  return true;
}

/**
 * Pays for the tokens that the holder staked to a hotkey. The first claim sets aside what all who staked there are due
 * together; each then gets its shares' part of that. A lock ends with the subnet.
 *
 * @returns false when there is no position
 */
export function claimPosition(context: BlockContext, claim: Claim, hotkey: AccountId): boolean {
  const { state } = context;
  const { netuid, holder } = claim;
  const position = tokenPositions.get(state, holder, netuid, hotkey);
  if (position === undefined) return false;
  const before = dissolvedStakes.get(state, netuid, hotkey) ?? setAside(context, netuid, hotkey);
  const amount = nextPart(before.pot, before.shares, before.claimed, position.shares);
  const after = { ...before, claimed: before.claimed + position.shares, paid: before.paid + amount };
  dropLock(context, { netuid, coldkey: holder, hotkey });
  tokenPositions.delete(state, holder, netuid, hotkey);
  releaseDeposit(context, holder, position.deposit);
  pay(context, claim, hotkey, amount);
  if (after.claimed < after.shares) {
    dissolvedStakes.set(state, netuid, hotkey, after);
    return true;
  }
  dissolvedStakes.delete(state, netuid, hotkey);
  const ended = dissolvedSubnets.get(state, netuid)!;
  keepDissolved(context, netuid, { ...ended, stakes: ended.stakes - 1 });
  return true;
}

function setAside({ state }: BlockContext, netuid: number, hotkey: AccountId): DissolvedStake {
  const { totalStake, totalShares } = tokenPools.get(state, netuid, hotkey);
  const { ended, amount } = assign(dissolvedSubnets.get(state, netuid)!, totalStake);
  dissolvedSubnets.set(state, netuid, { ...ended, stakes: ended.stakes + 1 });
  tokenPools.set(state, netuid, hotkey, { totalStake: 0n, totalShares: 0n });
  return { pot: amount, paid: 0n, shares: totalShares, claimed: 0n };
}
