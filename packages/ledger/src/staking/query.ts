import { account, bytesToHex, hexToBytes, optional, struct, u16, u64, withDefault } from '@cairn/core';
import { defineQuery } from '../execution/query.ts';
import { valueOfShares } from './pool.ts';
import { hotkeyShape, hotkeys, positionShape, positions } from './state.ts';

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
