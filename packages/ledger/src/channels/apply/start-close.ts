import { areBytesEqual, bytesToHex } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { closeStarted } from '../events.ts';
import { closeChannelShape } from '../messages/close.ts';
import { channelUnknown } from '../problems.ts';
import { channels, liveBlocks } from '../state.ts';

export const startCloseMessage = defineMessage({
  id: 83,
  name: 'channels.startClose',
  help: 'Either side starts the dispute window, after which anyone can finalise the channel.',
  shape: closeChannelShape,
  work: () => 3,
  apply(context, { channel: id }) {
    const hex = bytesToHex(id);
    const channel = channels.get(context.state, hex);
    if (channel === undefined) return channelUnknown(id);
    if (!areBytesEqual(channel.payer, context.sender) && !areBytesEqual(channel.payee, context.sender)) {
      return problem('NOT_A_PARTY', `Only payer or payee can close channel ${hex}.`);
    }
    if (channel.finalAt !== 0n) return problem('CHANNEL_CLOSING', `Channel ${hex} is already closing.`);
    const closing = {
      ...channel,
      finalAt: liveBlocks.get(context.state) + context.parameters.channelDisputeBlocks,
    };
    channels.set(context.state, hex, closing);
    closeStarted(context, id, closing);
    return null;
  },
});
