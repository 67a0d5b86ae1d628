import { bool, optional, u32, u64, withDefault } from '@cairn/core';
import type { Kysely } from 'kysely';
import { firstPlaceOf, heightOf, type Place } from '../database/place.ts';
import type { Tables } from '../database/tables.ts';
import { IndexError } from '../errors.ts';

/** Most entries of one page. */
const MAX_PAGE = 500;
/** Entries of a page when nothing is asked. */
const PAGE = 100;
/** Rows that one call looks through at most; a filter that little passes gives a short page and a cursor. */
export const MAX_SCANNED = 5_000;
const HIGHEST = 0xffff_ffff;

/** Which part of history: first and last height. */
export const rangeFields = { from: withDefault(u32, 1), to: withDefault(u32, HIGHEST) };

/** How much of it: newest first or not, `next` of the page before, entries. */
export const pageFields = {
  ...rangeFields,
  descending: withDefault(bool, false),
  after: optional(u64),
  limit: withDefault(u32, PAGE),
};

export interface Range {
  readonly from: number;
  readonly to: number;
}

export interface PageParams extends Range {
  readonly descending: boolean;
  readonly after: bigint | null;
  readonly limit: number;
}

/** A page in places. */
export interface PageBounds {
  readonly least: Place;
  /** Above the last. */
  readonly end: Place;
  readonly order: 'asc' | 'desc';
  readonly limit: number;
}

export function invalid(reason: string): IndexError {
  return new IndexError({ code: 'INDEX_QUERY_INVALID', reason }, reason);
}

/** @throws IndexError `INDEX_QUERY_INVALID` */
export function checkRange({ from, to }: Range): void {
  if (from > to) throw invalid(`from is ${from} and to is ${to}: from has to be the lower height.`);
}

/** @throws IndexError `INDEX_QUERY_INVALID` */
export function boundsOf(params: PageParams): PageBounds {
  const { from, to, descending, after, limit } = params;
  checkRange(params);
  if (limit < 1 || limit > MAX_PAGE) throw invalid(`limit is ${limit}: a page has 1 to ${MAX_PAGE} entries.`);
  const cursor = after === null ? null : Number(after);
  if (cursor !== null && !Number.isSafeInteger(cursor))
    throw invalid('after is no cursor of this index. Send back what came as next.');
  const least = firstPlaceOf(from);
  const end = firstPlaceOf(to + 1);
  const order = descending ? 'desc' : 'asc';
  if (cursor === null) return { least, end, order, limit };
  return descending
    ? { least, end: Math.min(end, cursor), order, limit }
    : { least: Math.max(least, cursor + 1), end, order, limit };
}

export interface Page<R> {
  readonly rows: readonly R[];
  readonly next: string | null;
}

/**
 * Cuts rows, of which one more than the limit was read, into a page. Rows of one place stay together, so that the
 * cursor is a place.
 */
export function cutPage<R extends { readonly place: Place }>(rows: readonly R[], limit: number): Page<R> {
  let count = Math.min(limit, rows.length);
  while (count > 0 && count < rows.length && rows[count]!.place === rows[count - 1]!.place) count++;
  const kept = rows.slice(0, count);
  return { rows: kept, next: count < rows.length ? String(kept.at(-1)!.place) : null };
}

/** Adds height and block time to rows, and takes the place away. */
export async function withHeights<R extends { readonly place: Place }>(
  database: Kysely<Tables>,
  rows: readonly R[],
): Promise<(Omit<R, 'place'> & { height: number; timeMs: number | null })[]> {
  const heights = [...new Set(rows.map(({ place }) => heightOf(place)))];
  const times = await timesOf(database, heights);
  return rows.map(({ place, ...rest }) => {
    const height = heightOf(place);
    return { height, timeMs: times.get(height) ?? null, ...rest };
  });
}

/** Block times by height. */
export async function timesOf(
  database: Kysely<Tables>,
  heights: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  if (heights.length === 0) return new Map();
  const blocks = await database
    .selectFrom('blocks')
    .select(['height', 'time_ms'])
    .where('height', 'in', heights)
    .execute();
  return new Map(blocks.map(({ height, time_ms }) => [height, time_ms]));
}
