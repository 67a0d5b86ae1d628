import { type AccountId, type Amount, mulDiv } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';
import { orderId, orders } from '../pools/orders.ts';
import { creditTokens, recycleTokens } from '../pools/tokens.ts';
import { stakeIncome } from '../staking/auto-stake.ts';
import { keepDividend } from '../staking/kept/keep-dividend.ts';
import { type Hotkey, hotkeys } from '../staking/state.ts';
import { addTokenDividend, tokenPools } from '../staking/token-stake.ts';
import { type Payment, paid, recycled } from './events.ts';

/** What one hotkey earned in an epoch, in tokens of its subnet. */
export interface Earnings {
  readonly netuid: number;
  /** Null: it holds no uid there, but lends its stake to who does. */
  readonly uid: number | null;
  readonly hotkey: AccountId;
  readonly incentive: Amount;
  /** For those who stake tokens of the subnet to it. */
  readonly tokenDividends: Amount;
  /** For those who stake CAIRN to it on root: kept for those who want tokens, else sold with the swaps of this block. */
  readonly rootDividends: Amount;
}

function payTokens(context: BlockContext, payment: Payment & { coldkey: AccountId }): void {
  if (payment.amount === 0n) return;
  creditTokens(context, payment.coldkey, payment.netuid, payment.amount);
  paid(context, payment);
}

/** What miners earn goes where their coldkey has it staked, or into its account. */
function payIncentive(context: BlockContext, payment: Payment & { coldkey: AccountId }): void {
  const { coldkey, netuid, amount } = payment;
  if (amount === 0n) return;
  const staked = stakeIncome(context, coldkey, netuid, amount);
  creditTokens(context, coldkey, netuid, amount - staked);
  paid(context, payment);
}

export function payOwner(context: BlockContext, netuid: number, owner: AccountId, amount: Amount): void {
  payTokens(context, { netuid, uid: null, hotkey: null, coldkey: owner, kind: 'owner', amount });
}

/**
 * Pays incentive to the coldkey, of dividends the take to the coldkey and the rest to all who stake to the hotkey.
 *
 * @returns tokens paid; root's count, for they are on their way
 */
export function payNeuron(context: BlockContext, earnings: Earnings): Amount {
  const { netuid, uid, hotkey, incentive, tokenDividends, rootDividends } = earnings;
  const record = hotkeys.get(context.state, hotkey);
  if (record === undefined) return 0n;
  const to = { netuid, uid, hotkey, coldkey: record.owner };
  payIncentive(context, { ...to, kind: 'incentive', amount: incentive });
  // A child that only others' stake stands behind has nobody to share its take with.
  const isAlone = tokenPools.get(context.state, netuid, hotkey).totalShares === 0n;
  const take = isAlone ? tokenDividends : mulDiv(tokenDividends, BigInt(record.takeBps), 10_000n);
  payTokens(context, { ...to, kind: 'take', amount: take });
  const forStakers = tokenDividends - take;
  const isShared = forStakers > 0n && addTokenDividend(context.state, netuid, hotkey, forStakers);
  if (isShared) paid(context, { ...to, coldkey: null, kind: 'dividends', amount: forStakers });
  const rootStake = record.totalStake + record.keptStake;
  const toKeep = rootStake === 0n ? 0n : mulDiv(rootDividends, record.keptStake, rootStake);
  const kept = keepForRoot(context, to, record, toKeep);
  const toSell = rootDividends - toKeep;
  const isSold = toSell > 0n && sellForRoot(context, netuid, hotkey, toSell);
  if (isSold) paid(context, { ...to, coldkey: null, kind: 'root', amount: toSell });
  return incentive + take + kept + (isShared ? forStakers : 0n) + (isSold ? toSell : 0n);
}

/** Keeps tokens for root stakers that want them, after the take. @returns tokens kept and taken */
function keepForRoot(
  context: BlockContext,
  to: Omit<Payment, 'kind' | 'amount'> & { coldkey: AccountId },
  { takeBps }: Hotkey,
  amount: Amount,
): Amount {
  const take = mulDiv(amount, BigInt(takeBps), 10_000n);
  const forStakers = amount - take;
  if (forStakers === 0n || !keepDividend(context.state, to.netuid, to.hotkey!, forStakers)) return 0n;
  payTokens(context, { ...to, kind: 'take', amount: take });
  paid(context, { ...to, coldkey: null, kind: 'kept', amount: forStakers });
  return amount;
}

/** @returns false when the pool has no room for another order in this block */
function sellForRoot(context: BlockContext, netuid: number, hotkey: AccountId, amount: Amount): boolean {
  const { state, crypto, slot, parameters } = context;
  if (BigInt(orders.get(state, netuid).length) >= parameters.maxOrdersPerPool) return false;
  orders.add(state, netuid, {
    id: orderId(crypto, hotkey, slot, netuid),
    side: 'sell',
    kind: 'root',
    owner: hotkey,
    amountIn: amount,
    limitPrice: null,
    minOut: 0n,
    isPartialAllowed: true,
    nextLeg: null,
  });
  return true;
}

/** Takes tokens that nobody earned out of the supply, to be minted again. */
export function recycleUnearned(context: BlockContext, netuid: number, amount: Amount): void {
  if (amount === 0n) return;
  recycleTokens(context, netuid, amount);
  recycled(context, netuid, amount);
}
