import type { BlockContext } from '../execution/context.ts';
import { claimChannelMessage } from './apply/claim.ts';
import { finaliseMessage } from './apply/finalise.ts';
import { openChannelMessage } from './apply/open.ts';
import { startCloseMessage } from './apply/start-close.ts';
import { topUpChannelMessage } from './apply/top-up.ts';
import { channelQuery, channelsQuery } from './query.ts';
import { liveBlocks } from './state.ts';

/** Payment channels: one-way, cumulative vouchers, time-outs that always release. */
export const channelsModule = {
  name: 'channels',
  messages: [
    openChannelMessage,
    topUpChannelMessage,
    claimChannelMessage,
    startCloseMessage,
    finaliseMessage,
  ],
  queries: [channelQuery, channelsQuery],
  endBlock(context: BlockContext): void {
    liveBlocks.set(context.state, liveBlocks.get(context.state) + 1n);
  },
} as const;
