import { account, bytesToHex, hexToBytes, optional, struct, u16, u64, withDefault } from '@cairn/core';
import { defineQuery } from '../execution/query.ts';
import { numberId } from '../state/table.ts';
import { autoStakes } from './auto-stake.ts';
import { valueOfShares } from './pool.ts';
import { hotkeyShape, hotkeys, positionShape, positions } from './state.ts';
import { tokenPools, tokenPositions } from './token-stake.ts';

const MAX_LISTED = 200;

export const hotkeyQuery = defineQuery({
  name: 'staking_hotkey',
  help: 'Owner, take and stake of a hotkey; null when it is none.',
  params: struct('HotkeyParams', { hotkey: account }),
  result: { anyOf: [hotkeyShape.schema, { type: 'null' }] },
  run({ view }, { hotkey }) {
    const found = hotkeys.get(view, hotkey);
    return found === undefined ? null : hotkeyShape.toJson(found);
  },
});

export const positionsQuery = defineQuery({
  name: 'staking_positions',
  help: `Stake of a coldkey by hotkey, at most ${MAX_LISTED} above \`after\`. \`amount\` is what unstaking would pay now.`,
  params: struct('PositionsParams', {
    coldkey: account,
    after: optional(account),
    limit: withDefault(u16, 0),
  }),
  result: {
    type: 'array',
    items: {
      type: 'object',
      properties: {
        hotkey: account.schema,
        amount: u64.schema,
        ...(positionShape.schema.properties as object),
      },
    },
  },
  run({ view }, { coldkey, after, limit }) {
    const within = `${bytesToHex(coldkey)}/`;
    const most = limit === 0 ? MAX_LISTED : Math.min(limit, MAX_LISTED);
    const listed = [];
    const from = after === null ? undefined : within + bytesToHex(after);
    for (const id of positions.table.ids(view, within, from)) {
      if (listed.length >= most) break;
      const hotkey = hexToBytes(id.slice(within.length));
      const position = positions.get(view, coldkey, hotkey)!;
      const amount = valueOfShares(hotkeys.get(view, hotkey)!, position.shares);
      listed.push({
        hotkey: account.toJson(hotkey),
        amount: amount.toString(),
        ...(positionShape.toJson(position) as object),
      });
    }
    return listed;
  },
});

export const tokenPositionsQuery = defineQuery({
  name: 'staking_tokenPositions',
  help: `Staked tokens of a coldkey by subnet and hotkey, at most ${MAX_LISTED} after the one named. \`amount\` is what unstaking would give now, in 1e-9 token.`,
  params: struct('TokenPositionsParams', {
    coldkey: account,
    after: optional(struct('TokenPositionKey', { netuid: u16, hotkey: account })),
    limit: withDefault(u16, 0),
  }),
  result: {
    type: 'array',
    items: {
      type: 'object',
      properties: {
        netuid: u16.schema,
        hotkey: account.schema,
        amount: u64.schema,
        ...(positionShape.schema.properties as object),
      },
    },
  },
  run({ view }, { coldkey, after, limit }) {
    const within = `${bytesToHex(coldkey)}/`;
    const most = limit === 0 ? MAX_LISTED : Math.min(limit, MAX_LISTED);
    const from =
      after === null ? undefined : `${within}${numberId(after.netuid)}/${bytesToHex(after.hotkey)}`;
    const listed = [];
    for (const id of tokenPositions.table.ids(view, within, from)) {
      if (listed.length >= most) break;
      const [, netuidText, hotkeyHex] = id.split('/') as [string, string, string];
      const [netuid, hotkey] = [Number(netuidText), hexToBytes(hotkeyHex)];
      const position = tokenPositions.get(view, coldkey, netuid, hotkey)!;
      const amount = valueOfShares(tokenPools.get(view, netuid, hotkey), position.shares);
      listed.push({
        netuid,
        hotkey: account.toJson(hotkey),
        amount: amount.toString(),
        ...(positionShape.toJson(position) as object),
      });
    }
    return listed;
  },
});

export const autoStakeQuery = defineQuery({
  name: 'staking_autoStake',
  help: "Where a coldkey's income as a miner of each subnet is staked, at most 200; subnets that are not listed: nowhere.",
  params: struct('AutoStakeParams', { coldkey: account }),
  result: {
    type: 'array',
    items: { type: 'object', properties: { netuid: u16.schema, hotkey: account.schema } },
  },
  run({ view }, { coldkey }) {
    const listed = [];
    for (const id of autoStakes.table.ids(view, `${bytesToHex(coldkey)}/`)) {
      if (listed.length >= MAX_LISTED) break;
      const { hotkey } = autoStakes.table.get(view, id)!;
      listed.push({ netuid: Number(id.split('/')[1]), hotkey: account.toJson(hotkey) });
    }
    return listed;
  },
});
