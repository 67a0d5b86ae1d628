import {
  account,
  areBytesEqual,
  bytes32,
  bytesToHex,
  optional,
  struct,
  u16,
  u64,
  withDefault,
} from '@cairn/core';
import { defineQuery, type QueryContext } from '../execution/query.ts';
import { readParameters } from '../parameters/state.ts';
import { neuronPrice } from '../subnets/price.ts';
import { subnets } from '../subnets/state.ts';
import { netuidsAfter } from '../yuma/state.ts';
import { tokenPrice } from './market.ts';
import { type Sealed, sealedOrders } from './sealed.ts';
import { FLOW_SCALE, FLOW_ZERO, holdings, type Market, markets, tokenIssuance } from './state.ts';

const MAX_LISTED = 4_096;

const AMOUNTS = [
  'price',
  'averagePrice',
  'burnCost',
  'cairnReserve',
  'tokenReserve',
  'quoteWeight',
  'outstanding',
  'burned',
  'protocolTokens',
  'issuance',
  'burnCaused',
] as const;

const marketSchema = {
  type: 'object',
  properties: {
    netuid: u16.schema,
    name: { type: 'string' },
    ...Object.fromEntries(AMOUNTS.map((name) => [name, u64.schema])),
    userFlow: { type: 'string', description: 'Moving average of pebbles per slot; may be negative.' },
    protocolFlow: { type: 'string', description: 'Moving average of pebbles per slot; may be negative.' },
  },
};

function describeMarket({ view, slot }: QueryContext, netuid: number, market: Market): object {
  const subnet = subnets.get(view, netuid)!;
  const amounts: Record<(typeof AMOUNTS)[number], bigint> = {
    price: tokenPrice(market),
    averagePrice: (market.priceEma * 1_000_000_000n) >> 60n,
    burnCost: neuronPrice(view, readParameters(view), subnet, slot),
    cairnReserve: market.quote,
    tokenReserve: market.base,
    quoteWeight: market.quoteWeight,
    outstanding: market.outstanding,
    burned: market.burned,
    protocolTokens: market.protocolBase,
    issuance: tokenIssuance(market),
    burnCaused: market.burnCaused,
  };
  return {
    netuid,
    name: subnet.name,
    ...Object.fromEntries(AMOUNTS.map((name) => [name, amounts[name].toString()])),
    userFlow: ((market.userFlow - FLOW_ZERO) / FLOW_SCALE).toString(),
    protocolFlow: ((market.protocolFlow - FLOW_ZERO) / FLOW_SCALE).toString(),
  };
}

export const marketsQuery = defineQuery({
  name: 'pools_list',
  help: 'Prices, burn costs, reserves and supply of all subnets in one call. Prices in pebbles for one token; tokens in 1e-9.',
  params: struct('MarketsParams', { after: optional(u16), limit: withDefault(u16, 0) }),
  result: { type: 'array', items: marketSchema },
  run(context, { after, limit }) {
    const { view } = context;
    const most = limit === 0 ? MAX_LISTED : Math.min(limit, MAX_LISTED);
    const listed = netuidsAfter(view, after).slice(0, most);
    return listed.map((netuid) => describeMarket(context, netuid, markets.get(view, netuid)!));
  },
});

export const marketQuery = defineQuery({
  name: 'pools_get',
  help: 'Price, reserves and supply of one subnet; null when it does not exist.',
  params: struct('MarketParams', { netuid: u16 }),
  result: { anyOf: [marketSchema, { type: 'null' }] },
  run(context, { netuid }) {
    const market = markets.get(context.view, netuid);
    return market === undefined ? null : describeMarket(context, netuid, market);
  },
});

export const holdingsQuery = defineQuery({
  name: 'pools_holdings',
  help: 'Tokens in an account that are not staked, by subnet, in 1e-9 token.',
  params: struct('HoldingsParams', { account }),
  result: {
    type: 'array',
    items: { type: 'object', properties: { netuid: u16.schema, amount: u64.schema, deposit: u64.schema } },
  },
  run({ view }, { account: owner }) {
    const listed = [];
    for (const id of holdings.table.ids(view, `${bytesToHex(owner)}/`)) {
      if (listed.length >= MAX_LISTED) break;
      const netuid = Number(id.split('/')[1]);
      const { amount, deposit } = holdings.get(view, owner, netuid)!;
      listed.push({ netuid, amount: amount.toString(), deposit: deposit.toString() });
    }
    return listed;
  },
});

export const sealedOrdersQuery = defineQuery({
  name: 'pools_sealedOrders',
  help: 'Sealed orders of an account that are not opened, and for how many blocks those whose turn it is can be.',
  params: struct('SealedOrdersParams', { account }),
  result: {
    type: 'array',
    items: {
      type: 'object',
      properties: {
        commitment: bytes32.schema,
        blocksLeft: {
          anyOf: [{ type: 'integer' }, { type: 'null' }],
          description: 'Blocks in which it can be opened, from the next on; null: its turn has not come.',
        },
        bond: u64.schema,
        deposit: u64.schema,
      },
    },
  },
  run({ view }, { account: owner }) {
    const { blocksLeft, sealed } = sealedOrders.opening(view);
    const listOf = (listed: readonly Sealed[], blocks: number | null) =>
      listed
        .filter((one) => areBytesEqual(one.owner, owner))
        .map(({ commitment, bond, deposit }) => ({
          commitment: bytesToHex(commitment),
          blocksLeft: blocks,
          bond: bond.toString(),
          deposit: deposit.toString(),
        }));
    return [...listOf(sealed, blocksLeft), ...listOf(sealedOrders.waiting(view), null)];
  },
});
