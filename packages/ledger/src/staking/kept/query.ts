import { account, bytesToHex, hexToBytes, struct, u16, u64 } from '@cairn/core';
import { defineQuery } from '../../execution/query.ts';
import { valueOfShares } from '../pool.ts';
import { hotkeys } from '../state.ts';
import { keptPositions, keptRates, reckonClaims } from './state.ts';

const MAX_LISTED = 200;

export const rootClaimsQuery = defineQuery({
  name: 'staking_rootClaims',
  help: `Root stake of a coldkey whose dividends are kept in tokens, and what can be claimed of each subnet, at most ${MAX_LISTED} hotkeys. It is not in \`staking_positions\`.`,
  params: struct('RootClaimsParams', { coldkey: account }),
  result: {
    type: 'array',
    items: {
      type: 'object',
      properties: {
        hotkey: account.schema,
        amount: u64.schema,
        claims: {
          type: 'array',
          items: { type: 'object', properties: { netuid: u16.schema, amount: u64.schema } },
        },
      },
    },
  },
  run({ view }, { coldkey }) {
    const within = `${bytesToHex(coldkey)}/`;
    const listed = [];
    for (const id of keptPositions.table.ids(view, within)) {
      if (listed.length >= MAX_LISTED) break;
      const hotkey = hexToBytes(id.slice(within.length));
      const { keptStake, keptShares } = hotkeys.get(view, hotkey) ?? { keptStake: 0n, keptShares: 0n };
      const held = keptPositions.get(view, coldkey, hotkey)!;
      const pool = { totalStake: keptStake, totalShares: keptShares };
      const { claims } = reckonClaims(held, keptRates.get(view, hotkey));
      listed.push({
        hotkey: account.toJson(hotkey),
        amount: valueOfShares(pool, held.shares).toString(),
        claims: claims
          .filter(({ owed }) => owed > 0n)
          .map(({ netuid, owed }) => ({ netuid, amount: owed.toString() })),
      });
    }
    return listed;
  },
});
