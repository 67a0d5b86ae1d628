import { type AccountId, accountIdToAddress } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';
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

export function unstaked(
  context: BlockContext,
  coldkey: AccountId,
  hotkey: AccountId,
  { amount, shares }: ShareTrade,
): void {
  context.emit('staking.unstaked', {
    ...pair(coldkey, hotkey),
    amount: amount.toString(),
    shares: shares.toString(),
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

interface TokenPlace {
  readonly netuid: number;
  readonly coldkey: AccountId;
  readonly hotkey: AccountId;
}

const describeTokens = ({ netuid, coldkey, hotkey }: TokenPlace, { amount, shares }: ShareTrade) => ({
  netuid,
  ...pair(coldkey, hotkey),
  amount: amount.toString(),
  shares: shares.toString(),
});

export function tokensStaked(context: BlockContext, place: TokenPlace, trade: ShareTrade): void {
  context.emit('staking.tokensStaked', describeTokens(place, trade));
}

export function tokensUnstaked(context: BlockContext, place: TokenPlace, trade: ShareTrade): void {
  context.emit('staking.tokensUnstaked', describeTokens(place, trade));
}
