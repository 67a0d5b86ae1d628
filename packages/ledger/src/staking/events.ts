import { type AccountId, type Amount, accountIdToAddress } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';
import type { TokenLock } from './locks/state.ts';
import type { Child } from './messages/set-children.ts';
import type { Place } from './place.ts';
import type { ShareTrade } from './pool.ts';

const pair = (coldkey: AccountId, hotkey: AccountId) => ({
  coldkey: accountIdToAddress(coldkey),
  hotkey: accountIdToAddress(hotkey),
});

export function hotkeyAssociated(context: BlockContext, coldkey: AccountId, hotkey: AccountId): void {
  context.emit('staking.hotkeyAssociated', pair(coldkey, hotkey));
}

export function hotkeyDissociated(context: BlockContext, coldkey: AccountId, hotkey: AccountId): void {
  context.emit('staking.hotkeyDissociated', pair(coldkey, hotkey));
}

export function staked(
  context: BlockContext,
  coldkey: AccountId,
  hotkey: AccountId,
  { amount, shares }: ShareTrade,
): void {
  context.emit('staking.staked', {
    ...pair(coldkey, hotkey),
    amount: amount.toString(),
    shares: shares.toString(),
  });
}

/** @param freeSlot slot from which it is paid; null: it is paid already */
export function unstaked(
  context: BlockContext,
  { coldkey, hotkey }: Place,
  { amount, shares }: ShareTrade,
  freeSlot: bigint | null,
): void {
  context.emit('staking.unstaked', {
    ...pair(coldkey, hotkey),
    amount: amount.toString(),
    shares: shares.toString(),
    freeSlot: freeSlot?.toString() ?? null,
  });
}

export function takeSet(
  context: BlockContext,
  coldkey: AccountId,
  hotkey: AccountId,
  before: number,
  takeBps: number,
): void {
  context.emit('staking.takeSet', { ...pair(coldkey, hotkey), before, takeBps });
}

const describeTokens = ({ netuid, coldkey, hotkey }: Place, { amount, shares }: ShareTrade) => ({
  netuid,
  ...pair(coldkey, hotkey),
  amount: amount.toString(),
  shares: shares.toString(),
});

export function tokensStaked(context: BlockContext, place: Place, trade: ShareTrade): void {
  context.emit('staking.tokensStaked', describeTokens(place, trade));
}

export function tokensUnstaked(context: BlockContext, place: Place, trade: ShareTrade): void {
  context.emit('staking.tokensUnstaked', describeTokens(place, trade));
}

/** Shares: those bought at the new hotkey. */
export function stakeMoved(context: BlockContext, source: Place, to: AccountId, trade: ShareTrade): void {
  context.emit('staking.stakeMoved', { ...describeTokens(source, trade), to: accountIdToAddress(to) });
}

export function stakeTransferred(
  context: BlockContext,
  source: Place,
  to: AccountId,
  trade: ShareTrade,
): void {
  context.emit('staking.stakeTransferred', { ...describeTokens(source, trade), to: accountIdToAddress(to) });
}

export function released(context: BlockContext, coldkey: AccountId, hotkey: AccountId, amount: Amount): void {
  context.emit('staking.released', { ...pair(coldkey, hotkey), amount: amount.toString() });
}

/** Stake that had left a hotkey lost its part of a slash of it. */
export function departureSlashed(
  context: BlockContext,
  coldkey: AccountId,
  hotkey: AccountId,
  amount: Amount,
): void {
  context.emit('staking.departureSlashed', { ...pair(coldkey, hotkey), amount: amount.toString() });
}

export function hotkeySlashed(
  context: Pick<BlockContext, 'emit'>,
  hotkey: AccountId,
  slash: { readonly offenceHeight: number; readonly fraction: bigint; readonly amount: Amount },
): void {
  context.emit('staking.hotkeySlashed', {
    hotkey: accountIdToAddress(hotkey),
    offenceHeight: slash.offenceHeight,
    fraction: slash.fraction.toString(),
    amount: slash.amount.toString(),
  });
}

export function childrenSet(
  context: BlockContext,
  netuid: number,
  hotkey: AccountId,
  children: readonly Child[],
  fromSlot: bigint,
): void {
  context.emit('staking.childrenSet', {
    netuid,
    hotkey: accountIdToAddress(hotkey),
    children: children.map((child) => accountIdToAddress(child.hotkey)),
    proportions: children.map(({ proportion }) => proportion.toString()),
    fromSlot: fromSlot.toString(),
  });
}

/** A parent had to make room at a child for one that lends more. */
export function childDisplaced(
  context: BlockContext,
  netuid: number,
  parent: AccountId,
  child: AccountId,
): void {
  context.emit('staking.childDisplaced', {
    netuid,
    parent: accountIdToAddress(parent),
    child: accountIdToAddress(child),
  });
}

export function childTakeSet(context: BlockContext, place: Place, before: number, takeBps: number): void {
  const { netuid, coldkey, hotkey } = place;
  context.emit('staking.childTakeSet', { netuid, ...pair(coldkey, hotkey), before, takeBps });
}

/** @param hotkey null: nowhere */
export function autoStakeSet(
  context: BlockContext,
  netuid: number,
  coldkey: AccountId,
  hotkey: AccountId | null,
): void {
  context.emit('staking.autoStakeSet', {
    netuid,
    coldkey: accountIdToAddress(coldkey),
    hotkey: hotkey === null ? null : accountIdToAddress(hotkey),
  });
}

export function rootClaimSet(
  context: BlockContext,
  { coldkey, hotkey }: Place,
  kind: 'swap' | 'keep',
  amount: Amount,
): void {
  context.emit('staking.rootClaimSet', { ...pair(coldkey, hotkey), kind, amount: amount.toString() });
}

export function rootClaimed(context: BlockContext, { netuid, coldkey, hotkey }: Place, amount: Amount): void {
  context.emit('staking.rootClaimed', { netuid, ...pair(coldkey, hotkey), amount: amount.toString() });
}

const describeLock = (
  { netuid, coldkey, hotkey }: Place,
  { mass, conviction }: Pick<TokenLock, 'mass' | 'conviction'>,
) => ({
  netuid,
  ...pair(coldkey, hotkey),
  locked: mass.toString(),
  conviction: conviction.toString(),
});

/** @param amount what was added; `lock` is all there is */
export function stakeLocked(
  context: BlockContext,
  place: Place,
  amount: Amount,
  lock: Pick<TokenLock, 'mass' | 'conviction' | 'isPerpetual'>,
): void {
  context.emit('staking.stakeLocked', {
    ...describeLock(place, lock),
    amount: amount.toString(),
    isPerpetual: lock.isPerpetual,
  });
}

/** A perpetual lock decays from here on. */
export function unlockStarted(
  context: BlockContext,
  place: Place,
  lock: Pick<TokenLock, 'mass' | 'conviction'>,
): void {
  context.emit('staking.unlockStarted', describeLock(place, lock));
}

/** A lock is gone: nothing of it was left, its position was emptied, or its subnet ended. */
export function lockEnded(context: BlockContext, { netuid, coldkey, hotkey }: Place): void {
  context.emit('staking.lockEnded', { netuid, ...pair(coldkey, hotkey) });
}
