import { defineParameters } from '../definition.ts';

/** Payment channels. */
export const CHANNELS_PARAMETERS = defineParameters({
  channelDisputeBlocks: {
    unit: 'blocks',
    initial: 7_200n,
    min: 2n,
    max: 1_000_000n,
    source: 'market reference f1 (24 h)',
    help: 'Live blocks between starting to close a channel and finalising it.',
  },
  channelBurnBps: {
    unit: 'bps',
    initial: 500n,
    min: 0n,
    max: 5_000n,
    source: 'PROTOCOL emission by settled usage',
    help: 'Share of every channel claim that is burned.',
  },
});
