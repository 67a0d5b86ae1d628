import {
  account,
  accountIdToAddress,
  choice,
  optional,
  struct,
  u8,
  u16,
  u32,
  withDefault,
} from '@cairn/core';
import type { Kysely } from 'kysely';
import { asText } from '../database/columns.ts';
import { heightOf } from '../database/place.ts';
import { PRICE_KINDS, type PriceKind, type Tables } from '../database/tables.ts';
import { boundsOf, cutPage, invalid, MAX_SCANNED, pageFields, withHeights } from './page.ts';
import { amountText, defineIndexQuery, objectOf, orNull, pageOf, whole, words } from './query.ts';

const lastPrice = orNull(objectOf({ height: whole, amount: amountText }));

export const subnetQuery = defineIndexQuery({
  name: 'index_subnet',
  help: 'First and last height that name a subnet, and the last of each of its prices. Pebbles.',
  params: struct('IndexSubnetParams', { netuid: u16 }),
  result: objectOf({
    netuid: whole,
    firstHeight: orNull(whole),
    lastHeight: orNull(whole),
    prices: objectOf(Object.fromEntries(PRICE_KINDS.map((kind) => [kind, lastPrice]))),
  }),
  async run(database, { netuid }) {
    const [firstHeight, lastHeight, ...prices] = await Promise.all([
      mentionedAt(database, netuid, 'asc'),
      mentionedAt(database, netuid, 'desc'),
      ...PRICE_KINDS.map((kind) => readLastPrice(database, netuid, kind)),
    ]);
    return {
      netuid,
      firstHeight,
      lastHeight,
      prices: Object.fromEntries(PRICE_KINDS.map((kind, i) => [kind, prices[i]])),
    };
  },
});

async function mentionedAt(
  database: Kysely<Tables>,
  netuid: number,
  order: 'asc' | 'desc',
): Promise<number | null> {
  const row = await database
    .selectFrom('event_subnets')
    .select('place')
    .where('netuid', '=', netuid)
    .orderBy('place', order)
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? null : heightOf(row.place);
}

async function readLastPrice(database: Kysely<Tables>, netuid: number, kind: PriceKind) {
  const row = await database
    .selectFrom('prices')
    .select(['place', asText('amount').as('amount')])
    .where('netuid', '=', netuid)
    .where('kind', '=', kind)
    .orderBy('place', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? null : { height: heightOf(row.place), amount: row.amount };
}

export const pricesQuery = defineIndexQuery({
  name: 'index_prices',
  help: 'What a registration (burn), the subnet itself (lock) or its token (pool) cost over time, in pages. Pebbles.',
  params: struct('IndexPricesParams', { netuid: u16, kind: choice('kind', PRICE_KINDS, u8), ...pageFields }),
  result: pageOf('prices', { amount: amountText }),
  async run(database, given) {
    const { least, end, order, limit } = boundsOf(given);
    const found = await database
      .selectFrom('prices')
      .select(['place', asText('amount').as('amount')])
      .where('netuid', '=', given.netuid)
      .where('kind', '=', given.kind)
      .where('place', '>=', least)
      .where('place', '<', end)
      .orderBy('place', order)
      .limit(limit + 1)
      .execute();
    const { rows, next } = cutPage(found, limit);
    return { prices: await withHeights(database, rows), next };
  },
});

/** Whose pay: of a subnet or of a hotkey. */
const payFields = { netuid: optional(u16), hotkey: optional(account) };

interface Whose {
  readonly netuid: number | null;
  readonly hotkey: Uint8Array | null;
}

function selectPay(database: Kysely<Tables>, { netuid, hotkey }: Whose) {
  const all = database
    .selectFrom('pay')
    .select(['place', 'netuid', 'uid', 'hotkey', 'coldkey', 'kind', asText('amount').as('amount')]);
  if (hotkey !== null) return all.where('hotkey', '=', accountIdToAddress(hotkey));
  if (netuid !== null) return all.where('netuid', '=', netuid);
  throw invalid('Name a subnet with netuid, or a neuron with hotkey.');
}

export const payQuery = defineIndexQuery({
  name: 'index_pay',
  help: 'Every payment of emission in a subnet or for a hotkey (of all its subnets, and as proposer), in pages. Pebbles.',
  params: struct('IndexPayParams', { ...payFields, ...pageFields }),
  result: pageOf('pay', {
    netuid: orNull(whole),
    uid: orNull(whole),
    hotkey: orNull(words),
    coldkey: orNull(words),
    kind: words,
    amount: amountText,
  }),
  async run(database, given) {
    const { least, end, order, limit } = boundsOf(given);
    const found = await selectPay(database, given)
      .where('place', '>=', least)
      .where('place', '<', end)
      .orderBy('place', order)
      .limit(limit + 1)
      .execute();
    const { rows, next } = cutPage(found, limit);
    return { pay: await withHeights(database, rows), next };
  },
});

export const emissionQuery = defineIndexQuery({
  name: 'index_emission',
  help: `Emission paid in a subnet or for a hotkey, summed over every so many blocks by kind. A call adds up at most ${MAX_SCANNED} payments; the last sum may go on in the next. Pebbles.`,
  params: struct('IndexEmissionParams', { ...payFields, ...pageFields, every: withDefault(u32, 100) }),
  result: objectOf({
    sums: {
      type: 'array',
      items: objectOf({
        from: whole,
        to: whole,
        kinds: { type: 'object', additionalProperties: amountText },
        payments: whole,
      }),
    },
    next: orNull(words),
  }),
  async run(database, given) {
    const { every } = given;
    const { least, end, order } = boundsOf(given);
    if (every < 1) throw invalid('every is 0: a sum is over at least one block.');
    const found = await selectPay(database, given)
      .where('place', '>=', least)
      .where('place', '<', end)
      .orderBy('place', order)
      .limit(MAX_SCANNED + 1)
      .execute();
    const { rows, next } = cutPage(found, MAX_SCANNED);
    return { sums: sumUp(rows, given.from, every), next };
  },
});

function sumUp(
  rows: readonly { readonly place: number; readonly kind: string; readonly amount: string }[],
  from: number,
  every: number,
) {
  const sums = new Map<number, { kinds: Record<string, bigint>; payments: number }>();
  for (const { place, kind, amount } of rows) {
    const at = from + Math.floor((heightOf(place) - from) / every) * every;
    const sum = sums.get(at) ?? { kinds: {}, payments: 0 };
    sum.kinds[kind] = (sum.kinds[kind] ?? 0n) + BigInt(amount);
    sum.payments += 1;
    sums.set(at, sum);
  }
  return [...sums].map(([at, { kinds, payments }]) => ({
    from: at,
    to: at + every - 1,
    kinds: Object.fromEntries(Object.entries(kinds).map(([kind, amount]) => [kind, amount.toString()])),
    payments,
  }));
}
