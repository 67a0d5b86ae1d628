import { type AccountId, type Amount, accountIdToAddress } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';

/** What a payment is for. */
export type PayKind = 'owner' | 'incentive' | 'take' | 'dividends' | 'root' | 'kept';

/** One payment at an epoch, in tokens of the subnet. Uid and hotkey are null for the owner's cut, the coldkey for dividends of all stakers. */
export interface Payment {
  readonly netuid: number;
  readonly uid: number | null;
  readonly hotkey: AccountId | null;
  readonly coldkey: AccountId | null;
  readonly kind: PayKind;
  readonly amount: Amount;
}

const describe = ({ netuid, uid, hotkey, coldkey, kind, amount }: Payment) => ({
  netuid,
  uid,
  hotkey: hotkey === null ? null : accountIdToAddress(hotkey),
  coldkey: coldkey === null ? null : accountIdToAddress(coldkey),
  kind,
  amount: amount.toString(),
});

export function paid(context: BlockContext, payment: Payment): void {
  context.emit('emission.paid', describe(payment));
}

export function recycled(context: BlockContext, netuid: number, amount: Amount): void {
  context.emit('emission.recycled', { netuid, amount: amount.toString() });
}
