import { type AccountId, type Amount, mulDiv } from '@cairn/core';
import { credit } from '../accounts/money.ts';
import type { BlockContext } from '../execution/context.ts';
import { recordFlow } from '../flows/record.ts';
import type { FlowName } from '../flows/table.ts';
import { addDividend } from '../staking/dividend.ts';
import { hotkeys } from '../staking/state.ts';
import { type Payment, paid, recycled, refused } from './events.ts';

/** What one neuron earned in an epoch. */
export interface Earnings {
  readonly netuid: number;
  readonly uid: number;
  readonly hotkey: AccountId;
  readonly incentive: Amount;
  readonly dividends: Amount;
}

/**
 * Pays an account from pending emission. A payee that cannot be paid, such as a closed account whose pay is
 * below the deposit of a new one, never stops a block: the caller recycles what was not paid.
 *
 * @returns pebbles paid
 */
function payAccount(
  context: BlockContext,
  payment: Payment & { coldkey: AccountId },
  flow: FlowName,
): Amount {
  if (payment.amount === 0n) return 0n;
  const problem = credit(context, payment.coldkey, payment.amount, flow);
  if (problem !== null) {
    refused(context, payment, problem.code);
    return 0n;
  }
  paid(context, payment);
  return payment.amount;
}

/** Share of pending emission that the owner of the subnet gets. Rounds down: the neurons gain. */
export function ownerCutOf(context: BlockContext, pending: Amount): Amount {
  return mulDiv(pending, context.parameters.ownerCutBps, 10_000n);
}

/** @returns pebbles paid */
export function payOwner(context: BlockContext, netuid: number, owner: AccountId, amount: Amount): Amount {
  const payment = { netuid, uid: null, hotkey: null, coldkey: owner, kind: 'owner', amount } as const;
  return payAccount(context, payment, 'emission.ownerCut');
}

/** Pays incentive to the coldkey, the take of dividends too, and the rest of them to all stakers. @returns pebbles paid */
export function payNeuron(context: BlockContext, earnings: Earnings): Amount {
  const { netuid, uid, hotkey, incentive, dividends } = earnings;
  const record = hotkeys.get(context.state, hotkey);
  if (record === undefined) return 0n;
  const take = mulDiv(dividends, BigInt(record.takeBps), 10_000n);
  const to = { netuid, uid, hotkey, coldkey: record.owner };
  const mined = payAccount(
    context,
    { ...to, kind: 'incentive', amount: incentive },
    'emission.minerIncentive',
  );
  const taken = payAccount(context, { ...to, kind: 'take', amount: take }, 'emission.validatorTake');
  const forStakers = dividends - take;
  if (forStakers === 0n || !addDividend(context, hotkey, forStakers)) return mined + taken;
  paid(context, { netuid, uid, hotkey, coldkey: null, kind: 'dividends', amount: forStakers });
  return mined + taken + forStakers;
}

/** Takes out what nobody earned, to be minted again. */
export function recycleUnearned(context: BlockContext, netuid: number, amount: Amount): void {
  if (amount === 0n) return;
  recordFlow(context.state, 'emission.unearned', amount);
  recycled(context, netuid, amount);
}
