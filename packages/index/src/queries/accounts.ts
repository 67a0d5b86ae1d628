import { account, accountIdToAddress, choice, struct, u8, u16, u32, withDefault } from '@cairn/core';
import type { Kysely } from 'kysely';
import { asText } from '../database/columns.ts';
import { firstPlaceOf, heightOf } from '../database/place.ts';
import { PURSES, type Purse, type Tables } from '../database/tables.ts';
import {
  boundsOf,
  checkRange,
  cutPage,
  invalid,
  pageFields,
  rangeFields,
  timesOf,
  withHeights,
} from './page.ts';
import { amountText, defineIndexQuery, objectOf, orNull, pageOf, whole, words } from './query.ts';

/** Most points of a series. */
const MAX_POINTS = 500;
/** Rows of one place are few: a page read with so many more never splits them. */
const MOST_LEGS = 16;

export const accountQuery = defineIndexQuery({
  name: 'index_account',
  help: 'First and last height that name an account, and what the flows that events name add up to, by token and purse.',
  params: struct('IndexAccountParams', { address: account }),
  result: objectOf({
    address: words,
    firstHeight: orNull(whole),
    lastHeight: orNull(whole),
    sums: { type: 'array', items: objectOf({ token: whole, purse: words, amount: amountText }) },
  }),
  async run(database, given) {
    const address = accountIdToAddress(given.address);
    const [firstHeight, lastHeight] = await Promise.all([
      mentionedAt(database, address, 'asc'),
      mentionedAt(database, address, 'desc'),
    ]);
    return { address, firstHeight, lastHeight, sums: await sumsOf(database, address) };
  },
});

async function mentionedAt(
  database: Kysely<Tables>,
  address: string,
  order: 'asc' | 'desc',
): Promise<number | null> {
  const [event, flow] = await Promise.all([
    database
      .selectFrom('event_accounts')
      .select('place')
      .where('account', '=', address)
      .orderBy('place', order)
      .limit(1)
      .executeTakeFirst(),
    database
      .selectFrom('flows')
      .select('place')
      .where('account', '=', address)
      .orderBy('place', order)
      .limit(1)
      .executeTakeFirst(),
  ]);
  const places = [event, flow].filter((row) => row !== undefined).map(({ place }) => place);
  if (places.length === 0) return null;
  return heightOf(order === 'asc' ? Math.min(...places) : Math.max(...places));
}

/** The last balance of each token and purse: one look-up each, however long the history. */
async function sumsOf(database: Kysely<Tables>, address: string) {
  const sums: { token: number; purse: Purse; amount: string }[] = [];
  for (let token = -1; ; ) {
    const next = await database
      .selectFrom('flows')
      .select('token')
      .where('account', '=', address)
      .where('token', '>', token)
      .orderBy('token')
      .limit(1)
      .executeTakeFirst();
    if (next === undefined) return sums;
    token = next.token;
    for (const purse of PURSES) {
      const last = await lastBalance(database, { address, token, purse }, Number.MAX_SAFE_INTEGER);
      if (last !== null) sums.push({ token, purse, amount: last });
    }
  }
}

/** What the flows before a place add up to, as text; null when there are none. */
async function lastBalance(
  database: Kysely<Tables>,
  { address, token, purse }: { readonly address: string; readonly token: number; readonly purse: Purse },
  before: number,
): Promise<string | null> {
  const row = await database
    .selectFrom('flows')
    .select(asText('balance').as('balance'))
    .where('account', '=', address)
    .where('token', '=', token)
    .where('purse', '=', purse)
    .where('place', '<', before)
    .orderBy('place', 'desc')
    .orderBy('leg', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.balance ?? null;
}

export const historyQuery = defineIndexQuery({
  name: 'index_accountHistory',
  help: 'Every flow of an account that an event or a fee names, with the sum of its purse after it, in pages.',
  params: struct('IndexAccountHistoryParams', { address: account, ...pageFields }),
  result: pageOf('flows', {
    purse: words,
    token: whole,
    kind: words,
    amount: amountText,
    balance: amountText,
    counterparty: orNull(words),
  }),
  async run(database, given) {
    const { least, end, order, limit } = boundsOf(given);
    const found = await database
      .selectFrom('flows')
      .select(['place', 'purse', 'token', 'kind', 'counterparty'])
      .select([asText('amount').as('amount'), asText('balance').as('balance')])
      .where('account', '=', accountIdToAddress(given.address))
      .where('place', '>=', least)
      .where('place', '<', end)
      .orderBy('place', order)
      .orderBy('leg', order)
      .limit(limit + MOST_LEGS)
      .execute();
    const { rows, next } = cutPage(found, limit);
    return { flows: await withHeights(database, rows), next };
  },
});

export const balancesQuery = defineIndexQuery({
  name: 'index_balances',
  help: `The sum of the named flows of an account over time: one point every so many blocks, at most ${MAX_POINTS}.`,
  params: struct('IndexBalancesParams', {
    address: account,
    /** Subnet whose token it is; 0: CAIRN. */
    token: withDefault(u16, 0),
    purse: withDefault(choice('purse', PURSES, u8), 'free'),
    ...rangeFields,
    /** Blocks between two points. */
    every: withDefault(u32, 1),
  }),
  result: objectOf({
    points: { type: 'array', items: objectOf({ height: whole, timeMs: orNull(whole), amount: amountText }) },
  }),
  async run(database, given) {
    checkRange(given);
    const { token, purse, from, every } = given;
    const { height: indexed } = await database
      .selectFrom('progress')
      .select('height')
      .executeTakeFirstOrThrow();
    const to = Math.min(given.to, indexed);
    if (every < 1) throw invalid('every is 0: points are at least one block apart.');
    const count = to < from ? 0 : Math.floor((to - from) / every) + 1;
    if (count > MAX_POINTS)
      throw invalid(
        `From ${from} to ${to} every ${every} blocks are ${count} points; a series has at most ${MAX_POINTS}.`,
      );
    const heights = Array.from({ length: count }, (_, i) => from + i * every);
    const times = await timesOf(database, heights);
    const key = { address: accountIdToAddress(given.address), token, purse };
    const points = [];
    for (const height of heights) {
      const amount = (await lastBalance(database, key, firstPlaceOf(height + 1))) ?? '0';
      points.push({ height, timeMs: times.get(height) ?? null, amount });
    }
    return { points };
  },
});
