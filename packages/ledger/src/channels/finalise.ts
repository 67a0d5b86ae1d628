import { bytesToHex } from '@cairn/core';
import { credit, releaseDeposit } from '../accounts/money.ts';
import type { BlockContext } from '../execution/context.ts';
import type { Verdict } from '../execution/message.ts';
import { finalised } from './events.ts';
import { type Channel, channels, channelsByParty } from './state.ts';

/** Gives what is left to the payer and deletes the channel. The payer exists: it owns this record. */
export function finaliseChannel(context: BlockContext, id: Uint8Array, channel: Channel): Verdict {
  const refund = channel.deposited - channel.claimed;
  const refused = credit(context, channel.payer, refund, 'channels.refund');
  if (refused !== null) return refused;
  releaseDeposit(context, channel.payer, channel.recordDeposit);
  const hex = bytesToHex(id);
  channels.delete(context.state, hex);
  channelsByParty.delete(context.state, `${bytesToHex(channel.payer)}/${hex}`);
  channelsByParty.delete(context.state, `${bytesToHex(channel.payee)}/${hex}`);
  finalised(context, id, channel, refund);
  return null;
}
