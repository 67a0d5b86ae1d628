import {
  account,
  bool,
  bytesToHex,
  hexToBytes,
  optional,
  struct,
  u16,
  u32,
  u64,
  withDefault,
} from '@cairn/core';
import { defineQuery } from '../../execution/query.ts';
import { readParameters } from '../../parameters/state.ts';
import { numberId } from '../../state/table.ts';
import { subnets } from '../../subnets/state.ts';
import { valueAt } from '../place.ts';
import { lockedAtHotkey, lockNow } from './roll.ts';
import { hotkeyLocks, tokenLocks } from './state.ts';

const MAX_LISTED = 200;
const mostListed = (limit: number): number => (limit === 0 ? MAX_LISTED : Math.min(limit, MAX_LISTED));

export const locksQuery = defineQuery({
  name: 'staking_locks',
  help: `Staked tokens of a coldkey that are locked, by subnet and hotkey, at most ${MAX_LISTED} after the one named: what is locked now, its conviction, all that is staked there and what of it is free, in 1e-9 token.`,
  params: struct('LocksParams', {
    coldkey: account,
    after: optional(struct('LockKey', { netuid: u16, hotkey: account })),
    limit: withDefault(u16, 0),
  }),
  result: {
    type: 'array',
    items: {
      type: 'object',
      properties: {
        netuid: u16.schema,
        hotkey: account.schema,
        locked: u64.schema,
        conviction: u64.schema,
        isPerpetual: bool.schema,
        isOwner: bool.schema,
        staked: u64.schema,
        free: u64.schema,
        deposit: u64.schema,
      },
    },
  },
  run({ view, slot }, { coldkey, after, limit }) {
    const parameters = readParameters(view);
    const within = `${bytesToHex(coldkey)}/`;
    const from =
      after === null ? undefined : `${within}${numberId(after.netuid)}/${bytesToHex(after.hotkey)}`;
    const listed = [];
    for (const id of tokenLocks.table.ids(view, within, from)) {
      if (listed.length >= mostListed(limit)) break;
      const [, netuidText, hotkeyHex] = id.split('/') as [string, string, string];
      const place = { coldkey, netuid: Number(netuidText), hotkey: hexToBytes(hotkeyHex) };
      const lock = lockNow(view, place, { slot, parameters })!;
      const staked = valueAt(view, place);
      listed.push({
        netuid: place.netuid,
        hotkey: account.toJson(place.hotkey),
        locked: lock.mass.toString(),
        conviction: lock.conviction.toString(),
        isPerpetual: lock.isPerpetual,
        isOwner: lock.isOwner,
        staked: staked.toString(),
        free: (staked > lock.mass ? staked - lock.mass : 0n).toString(),
        deposit: lock.deposit.toString(),
      });
    }
    return listed;
  },
});

export const convictionsQuery = defineQuery({
  name: 'staking_convictions',
  help: `Hotkeys of a subnet at which tokens are locked, at most ${MAX_LISTED} above \`after\`: all that is locked there, its conviction, and how many locks. In 1e-9 token; a sum may be a few units off those of its locks.`,
  params: struct('ConvictionsParams', { netuid: u16, after: optional(account), limit: withDefault(u16, 0) }),
  result: {
    type: 'array',
    items: {
      type: 'object',
      properties: {
        hotkey: account.schema,
        locked: u64.schema,
        conviction: u64.schema,
        locks: u32.schema,
      },
    },
  },
  run({ view, slot }, { netuid, after, limit }) {
    const subnet = subnets.get(view, netuid);
    if (subnet === undefined) return [];
    const now = { slot, parameters: readParameters(view) };
    const within = `${numberId(netuid)}/`;
    const from = after === null ? undefined : within + bytesToHex(after);
    const listed = [];
    for (const id of hotkeyLocks.table.ids(view, within, from)) {
      if (listed.length >= mostListed(limit)) break;
      const hotkey = hexToBytes(id.slice(within.length));
      const { mass, conviction, count } = lockedAtHotkey(view, { netuid, hotkey, owner: subnet.owner }, now);
      listed.push({
        hotkey: account.toJson(hotkey),
        locked: mass.toString(),
        conviction: conviction.toString(),
        locks: count,
      });
    }
    return listed;
  },
});
