import { account, bytesToHex, hexToBytes, mulDiv, struct, u16, u64 } from '@cairn/core';
import { defineQuery, noParams, type QueryContext } from '../../execution/query.ts';
import { holdings } from '../../pools/state.ts';
import { tokenPools, tokenPositions } from '../../staking/token-stake.ts';
import { describeNotice, noticeSchema } from './describe.ts';
import {
  type DissolvedSubnet,
  dissolvedShape,
  dissolvedStakes,
  dissolvedSubnets,
  noticesCell,
} from './state.ts';

const MAX_LISTED = 200;

export const noticesQuery = defineQuery({
  name: 'subnets_notices',
  help: 'Subnets announced to end, in the order of the announcements: by their owners, or because another wants their place.',
  params: noParams,
  result: { type: 'array', items: noticeSchema },
  run: ({ view }) => noticesCell.get(view).map((notice) => describeNotice(view, notice)),
});

export const dissolvedQuery = defineQuery({
  name: 'subnets_dissolved',
  help: 'What a dissolved subnet still owes; null when it never was, is not dissolved or has paid everybody. Pot in pebbles, tokens in 1e-9 token.',
  params: struct('DissolvedParams', { netuid: u16 }),
  result: { anyOf: [dissolvedShape.schema, { type: 'null' }] },
  run({ view }, { netuid }) {
    const ended = dissolvedSubnets.get(view, netuid);
    return ended === undefined ? null : dissolvedShape.toJson(ended);
  },
});

const quota = ({ pot, tokens }: DissolvedSubnet, amount: bigint) => mulDiv(pot, amount, tokens);

function* claimsOf({ view }: QueryContext, holder: Uint8Array) {
  const within = `${bytesToHex(holder)}/`;
  for (const id of holdings.table.ids(view, within)) {
    const netuid = Number(id.split('/')[1]);
    const ended = dissolvedSubnets.get(view, netuid);
    if (ended === undefined) continue;
    const { amount } = holdings.get(view, holder, netuid)!;
    yield { netuid, hotkey: null, amount: amount === 0n ? 0n : quota(ended, amount) };
  }
  for (const id of tokenPositions.table.ids(view, within)) {
    const [, netuidText, hotkeyHex] = id.split('/') as [string, string, string];
    const [netuid, hotkey] = [Number(netuidText), hexToBytes(hotkeyHex)];
    const ended = dissolvedSubnets.get(view, netuid);
    if (ended === undefined) continue;
    const { shares } = tokenPositions.get(view, holder, netuid, hotkey)!;
    const pool = tokenPools.get(view, netuid, hotkey);
    const of = dissolvedStakes.get(view, netuid, hotkey) ?? {
      pot: quota(ended, pool.totalStake),
      shares: pool.totalShares,
    };
    yield { netuid, hotkey: account.toJson(hotkey), amount: mulDiv(of.pot, shares, of.shares) };
  }
}

export const claimableQuery = defineQuery({
  name: 'subnets_claimable',
  help: `What a holder can claim of dissolved subnets with subnets.claimDissolved, at most ${MAX_LISTED} places. Pebbles, to one or two.`,
  params: struct('ClaimableParams', { holder: account }),
  result: {
    type: 'array',
    items: {
      type: 'object',
      properties: {
        netuid: u16.schema,
        hotkey: {
          anyOf: [account.schema, { type: 'null' }],
          description: 'Where the tokens are staked; null: in the account.',
        },
        amount: u64.schema,
      },
    },
  },
  run(context, { holder }) {
    const listed = [];
    for (const claim of claimsOf(context, holder)) {
      if (listed.length >= MAX_LISTED) break;
      listed.push({ ...claim, amount: claim.amount.toString() });
    }
    return listed;
  },
});
