import type { Kysely } from 'kysely';
import type { Place } from '../database/place.ts';
import type { Tables } from '../database/tables.ts';
import { invalid, MAX_SCANNED, type Page, type PageBounds } from './page.ts';

/** Which events are asked for; null: any. */
export interface EventFilter {
  readonly account: string | null;
  readonly netuid: number | null;
  /** Exact, or a module with a star. */
  readonly names: readonly string[] | null;
}

interface Found {
  readonly place: Place;
}

/** Places of the events that fit, one page of them. */
export function findEvents(
  database: Kysely<Tables>,
  filter: EventFilter,
  bounds: PageBounds,
): Promise<Page<Found>> {
  for (const name of filter.names ?? []) checkName(name);
  if (filter.account !== null) return ofAccount(database, { ...filter, account: filter.account }, bounds);
  if (filter.netuid !== null) return ofSubnet(database, { ...filter, netuid: filter.netuid }, bounds);
  return ofNames(database, filter.names, bounds);
}

function checkName(name: string): void {
  if (/^[a-zA-Z]+\.(\*|[a-zA-Z]+)$/.test(name)) return;
  throw invalid(`names has ${JSON.stringify(name)}. A name is as staking.staked, or staking.* for a module.`);
}

function isNamed(name: string, names: readonly string[] | null): boolean {
  if (names === null) return true;
  return names.some((wanted) =>
    wanted.endsWith('*') ? name.startsWith(wanted.slice(0, -1)) : name === wanted,
  );
}

async function ofAccount(
  database: Kysely<Tables>,
  { account, netuid, names }: EventFilter & { readonly account: string },
  { least, end, order, limit }: PageBounds,
): Promise<Page<Found>> {
  const scanned = await database
    .selectFrom('event_accounts as a')
    .leftJoin('event_subnets as s', (join) =>
      join.onRef('s.place', '=', 'a.place').on('s.netuid', '=', netuid ?? -1),
    )
    .select(['a.place as place', 'a.name as name', 's.netuid as netuid'])
    .where('a.account', '=', account)
    .where('a.place', '>=', least)
    .where('a.place', '<', end)
    .orderBy('a.place', order)
    .limit(MAX_SCANNED)
    .execute();
  return sift(scanned, (row) => isNamed(row.name, names) && (netuid === null || row.netuid !== null), limit);
}

async function ofSubnet(
  database: Kysely<Tables>,
  { netuid, names }: EventFilter & { readonly netuid: number },
  { least, end, order, limit }: PageBounds,
): Promise<Page<Found>> {
  const scanned = await database
    .selectFrom('event_subnets')
    .select(['place', 'name'])
    .where('netuid', '=', netuid)
    .where('place', '>=', least)
    .where('place', '<', end)
    .orderBy('place', order)
    .limit(MAX_SCANNED)
    .execute();
  return sift(scanned, ({ name }) => isNamed(name, names), limit);
}

/** One read for each name, each in order; then the first of all. */
async function ofNames(
  database: Kysely<Tables>,
  names: readonly string[] | null,
  { least, end, order, limit }: PageBounds,
): Promise<Page<Found>> {
  const reads = (names === null ? [null] : [...new Set(names)]).map((name) => {
    const all = database.selectFrom('events').select('place');
    const named =
      name === null
        ? all
        : name.endsWith('.*')
          ? all.where('module', '=', name.slice(0, -2))
          : all.where('name', '=', name);
    return named
      .where('place', '>=', least)
      .where('place', '<', end)
      .orderBy('place', order)
      .limit(limit + 1)
      .execute();
  });
  const places = new Set((await Promise.all(reads)).flat().map(({ place }) => place));
  const sorted = [...places].sort((a, b) => (order === 'asc' ? a - b : b - a));
  const rows = sorted.slice(0, limit).map((place) => ({ place }));
  return { rows, next: sorted.length > limit ? String(rows.at(-1)!.place) : null };
}

/** Keeps what fits. When all that may be looked through was, the cursor is the last row seen. */
function sift<R extends Found>(scanned: readonly R[], fits: (row: R) => boolean, limit: number): Page<Found> {
  const fitting = scanned.filter(fits);
  const rows = fitting.slice(0, limit).map(({ place }) => ({ place }));
  if (fitting.length > limit) return { rows, next: String(rows.at(-1)!.place) };
  return { rows, next: scanned.length === MAX_SCANNED ? String(scanned.at(-1)!.place) : null };
}
