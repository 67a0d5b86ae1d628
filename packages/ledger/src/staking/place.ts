import { type AccountId, type Amount, accountIdToAddress, formatAmount } from '@cairn/core';
import { holdDeposit, type Money, recordDeposit, releaseDeposit } from '../accounts/money.ts';
import type { BlockContext } from '../execution/context.ts';
import { problem, type TransactionProblem, type Verdict } from '../execution/message.ts';
import { checkSharesFree } from '../governance/locks.ts';
import type { Overlay, StateView } from '../state/view.ts';
import { subnetDissolved } from '../subnets/problems.ts';
import { isDissolved } from '../subnets/state.ts';
import { checkTokensFree } from './locks/keep.ts';
import { type SharePool, type ShareTrade, sellShares, valueOfShares } from './pool.ts';
import { hotkeys, POSITION_BYTES, type Position, positions } from './state.ts';
import { tokenPools, tokenPositions } from './token-stake.ts';

/** The netuid that stands for CAIRN on root where stake of either kind is named. */
export const ROOT = 0;

/** What a coldkey has at a hotkey: CAIRN on root, or tokens of a subnet. */
export interface Place {
  /** `ROOT`, or the subnet whose tokens they are. */
  readonly netuid: number;
  readonly coldkey: AccountId;
  readonly hotkey: AccountId;
}

const EMPTY: SharePool = { totalStake: 0n, totalShares: 0n };

export function poolOf(view: StateView, netuid: number, hotkey: AccountId): SharePool {
  return netuid === ROOT ? (hotkeys.get(view, hotkey) ?? EMPTY) : tokenPools.get(view, netuid, hotkey);
}

/** @param hotkey one that exists */
export function setPool(state: Overlay, netuid: number, hotkey: AccountId, pool: SharePool): void {
  const { totalStake, totalShares } = pool;
  if (netuid === ROOT)
    hotkeys.set(state, hotkey, { ...hotkeys.get(state, hotkey)!, totalStake, totalShares });
  else tokenPools.set(state, netuid, hotkey, { totalStake, totalShares });
}

export function positionOf(view: StateView, { netuid, coldkey, hotkey }: Place): Position | undefined {
  return netuid === ROOT
    ? positions.get(view, coldkey, hotkey)
    : tokenPositions.get(view, coldkey, netuid, hotkey);
}

function setPosition(state: Overlay, { netuid, coldkey, hotkey }: Place, position: Position): void {
  if (netuid === ROOT) positions.set(state, coldkey, hotkey, position);
  else tokenPositions.set(state, coldkey, netuid, hotkey, position);
}

function deletePosition(state: Overlay, { netuid, coldkey, hotkey }: Place): void {
  if (netuid === ROOT) positions.delete(state, coldkey, hotkey);
  else tokenPositions.delete(state, coldkey, netuid, hotkey);
}

/** What all of a position is worth. */
export function valueAt(view: StateView, place: Place): Amount {
  const held = positionOf(view, place);
  return held === undefined ? 0n : valueOfShares(poolOf(view, place.netuid, place.hotkey), held.shares);
}

/** Adds shares to pool and position. The coldkey pays the deposit of a new position. */
export function addShares(context: Money, place: Place, { shares, amount }: ShareTrade): Verdict {
  const { state } = context;
  const held = positionOf(state, place);
  const deposit = held?.deposit ?? recordDeposit(context, POSITION_BYTES);
  const refused = held === undefined ? holdDeposit(context, place.coldkey, deposit) : null;
  if (refused !== null) return refused;
  setPosition(state, place, { shares: (held?.shares ?? 0n) + shares, deposit });
  const pool = poolOf(state, place.netuid, place.hotkey);
  setPool(state, place.netuid, place.hotkey, {
    totalStake: pool.totalStake + amount,
    totalShares: pool.totalShares + shares,
  });
  return null;
}

/** Takes shares out of pool and position. An empty position gives its deposit back. */
export function removeShares(context: Money, place: Place, { shares, amount }: ShareTrade): void {
  const { state } = context;
  const held = positionOf(state, place)!;
  const left = held.shares - shares;
  if (left > 0n) setPosition(state, place, { ...held, shares: left });
  else {
    deletePosition(state, place);
    releaseDeposit(context, place.coldkey, held.deposit);
  }
  const pool = poolOf(state, place.netuid, place.hotkey);
  setPool(state, place.netuid, place.hotkey, {
    totalStake: pool.totalStake - amount,
    totalShares: pool.totalShares - shares,
  });
}

const unitOf = (netuid: number) => (netuid === ROOT ? 'CAIRN' : `tokens of subnet ${netuid}`);

/**
 * The shares to give up for an amount, up to one share's worth more; null: all. A remainder on root below the least
 * stake is refused, and so is what votes or a lock keep there, or what is claimed from a subnet that ended.
 */
export function planSale(
  context: BlockContext,
  place: Place,
  amount: Amount | null,
): ShareTrade | TransactionProblem {
  const { state, parameters } = context;
  const { netuid, coldkey, hotkey } = place;
  if (netuid !== ROOT && isDissolved(state, netuid)) return subnetDissolved(netuid);
  const pool = poolOf(state, netuid, hotkey);
  const held = positionOf(state, place);
  const value = held === undefined ? 0n : valueOfShares(pool, held.shares);
  if (held === undefined || (amount !== null && amount > value)) {
    return problem(
      'STAKE_TOO_LOW',
      `${accountIdToAddress(coldkey)} has ${formatAmount(value)} ${unitOf(netuid)} at ${accountIdToAddress(hotkey)}. Name at most that.`,
    );
  }
  if (amount === 0n) return problem('AMOUNT_ZERO', 'Name an amount above zero, or null for everything.');
  const sold = amount === null ? { shares: held.shares, amount: value } : sellShares(pool, amount);
  const left = held.shares - sold.shares;
  const after = {
    totalStake: pool.totalStake - sold.amount,
    totalShares: pool.totalShares - sold.shares,
  };
  const leftValue = valueOfShares(after, left);
  const locked =
    netuid === ROOT
      ? checkSharesFree(context, coldkey, hotkey, left)
      : checkTokensFree(context, place, leftValue);
  if (locked !== null) return locked;
  if (netuid !== ROOT || left === 0n) return sold;
  if (leftValue >= parameters.minStake) return sold;
  return problem(
    'REMAINDER_TOO_SMALL',
    `${formatAmount(leftValue)} CAIRN would remain, below the least stake of ${formatAmount(parameters.minStake)}. Take everything.`,
  );
}
