import {
  account,
  accountIdToAddress,
  bytes32,
  bytesToHex,
  hexToBytes,
  optional,
  struct,
  u16,
  withDefault,
} from '@cairn/core';
import { speakingKeyOf } from '../accounts/keys/speaking.ts';
import { defineQuery, type QueryContext } from '../execution/query.ts';
import { type Channel, channelShape, channels, channelsByParty, liveBlocks } from './state.ts';

const MAX_LISTED = 200;

const channelSchema = {
  type: 'object',
  properties: {
    id: bytes32.schema,
    ...(channelShape.schema.properties as object),
    payerKey: account.schema,
    live: { type: 'string' },
  },
};

function describe({ view }: QueryContext, hex: string, channel: Channel) {
  return {
    id: hex,
    ...(channelShape.toJson(channel) as object),
    payerKey: accountIdToAddress(speakingKeyOf(view, channel.payer)),
    live: liveBlocks.get(view).toString(),
  };
}

export const channelQuery = defineQuery({
  name: 'channels_get',
  help: 'One channel; null when it does not exist. `live` counts towards `finalAt`; the key of `payerKey` speaks for the payer.',
  params: struct('ChannelParams', { channel: bytes32 }),
  result: { anyOf: [channelSchema, { type: 'null' }] },
  run(context, { channel }) {
    const hex = bytesToHex(channel);
    const found = channels.get(context.view, hex);
    return found === undefined ? null : describe(context, hex, found);
  },
});

export const channelsQuery = defineQuery({
  name: 'channels_list',
  help: `Channels in which an account is payer or payee, at most ${MAX_LISTED} above \`after\`.`,
  params: struct('ChannelsParams', { party: account, after: optional(bytes32), limit: withDefault(u16, 0) }),
  result: { type: 'array', items: channelSchema },
  run(context, { party, after, limit }) {
    const within = `${bytesToHex(party)}/`;
    const listed = [];
    for (const id of channelsByParty.ids(
      context.view,
      within,
      after === null ? undefined : within + bytesToHex(after),
    )) {
      if (listed.length >= Math.min(limit === 0 ? MAX_LISTED : limit, MAX_LISTED)) break;
      const hex = id.slice(within.length);
      const channel = channels.get(context.view, bytesToHex(hexToBytes(hex)));
      if (channel !== undefined) listed.push(describe(context, hex, channel));
    }
    return listed;
  },
});
