import { bytesToHex } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { finaliseChannel } from '../finalise.ts';
import { closeChannelShape } from '../messages/close.ts';
import { channelUnknown } from '../problems.ts';
import { channels, liveBlocks } from '../state.ts';

export const finaliseMessage = defineMessage({
  id: 84,
  name: 'channels.finalise',
  help: 'After the dispute window, anyone returns what is left of a channel to its payer.',
  shape: closeChannelShape,
  work: () => 7,
  apply(context, { channel: id }) {
    const hex = bytesToHex(id);
    const channel = channels.get(context.state, hex);
    if (channel === undefined) return channelUnknown(id);
    if (channel.finalAt === 0n)
      return problem('CHANNEL_OPEN', `Channel ${hex} is open. Start to close it first.`);
    const live = liveBlocks.get(context.state);
    if (live < channel.finalAt) {
      return problem(
        'DISPUTE_WINDOW_OPEN',
        `Channel ${hex} can be finalised in ${channel.finalAt - live} live blocks.`,
      );
    }
    return finaliseChannel(context, id, channel);
  },
});
