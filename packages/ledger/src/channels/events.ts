import { type Amount, accountIdToAddress, bytesToHex } from '@cairn/core';
import type { BlockContext } from '../execution/context.ts';
import type { Channel } from './state.ts';

function parties(id: Uint8Array, channel: Channel) {
  return {
    channel: bytesToHex(id),
    payer: accountIdToAddress(channel.payer),
    payee: accountIdToAddress(channel.payee),
    netuid: channel.netuid,
  };
}

export function opened(context: BlockContext, id: Uint8Array, channel: Channel): void {
  context.emit('channels.opened', { ...parties(id, channel), deposit: channel.deposited.toString() });
}

export function toppedUp(context: BlockContext, id: Uint8Array, channel: Channel, amount: Amount): void {
  context.emit('channels.toppedUp', { ...parties(id, channel), amount: amount.toString() });
}

export function claimed(
  context: BlockContext,
  id: Uint8Array,
  channel: Channel,
  gross: Amount,
  burned: Amount,
  royalties: Amount,
): void {
  context.emit('channels.claimed', {
    ...parties(id, channel),
    gross: gross.toString(),
    burned: burned.toString(),
    royalties: royalties.toString(),
    net: (gross - burned - royalties).toString(),
    cumulative: channel.claimed.toString(),
  });
}

export function closeStarted(context: BlockContext, id: Uint8Array, channel: Channel): void {
  context.emit('channels.closeStarted', { ...parties(id, channel), finalAt: channel.finalAt.toString() });
}

export function finalised(context: BlockContext, id: Uint8Array, channel: Channel, refund: Amount): void {
  context.emit('channels.finalised', { ...parties(id, channel), refund: refund.toString() });
}

export function royaltyPaid(
  context: BlockContext,
  id: Uint8Array,
  royalty: {
    readonly model: Uint8Array;
    readonly owner: Uint8Array;
    readonly payee: Uint8Array;
    readonly amount: Amount;
  },
): void {
  context.emit('channels.royaltyPaid', {
    channel: bytesToHex(id),
    model: bytesToHex(royalty.model),
    owner: accountIdToAddress(royalty.owner),
    payee: accountIdToAddress(royalty.payee),
    amount: royalty.amount.toString(),
  });
}
