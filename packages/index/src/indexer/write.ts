import type { Insertable, Transaction } from 'kysely';
import { asText } from '../database/columns.ts';
import type { IndexConnection } from '../database/connection.ts';
import { hasTables, recreateTables, TABLES_VERSION } from '../database/create-tables.ts';
import { firstPlaceOf } from '../database/place.ts';
import { PLACED_TABLES, type Tables } from '../database/tables.ts';
import { IndexError } from '../errors.ts';
import type { BlockRows, FlowRow } from '../projections/block-rows.ts';

/** How far an index has come. */
export interface Progress {
  /** Hex. */
  readonly chainId: string;
  /** Last indexed height; 0 before the first. */
  readonly height: number;
  /** Hash of that block; empty at height 0. */
  readonly hash: string;
}

/** Rows of one INSERT: the widest table stays far below the 32,766 parameters of SQLite. */
const ROWS_PER_INSERT = 50;

/**
 * What the database says of itself, after making its tables when it has none, or those of an earlier release.
 *
 * @throws IndexError `INDEX_DATABASE_TOO_NEW`
 */
export async function openProgress(connection: IndexConnection, chainId: string): Promise<Progress> {
  if (!(await hasTables(connection))) return restart(connection, chainId);
  const row = await connection.database
    .selectFrom('progress')
    .select(['version', 'chain_id as chainId', 'height', 'hash'])
    .executeTakeFirst();
  if (row === undefined) return restart(connection, chainId);
  const { version, ...progress } = row;
  if (version > TABLES_VERSION) {
    throw new IndexError(
      { code: 'INDEX_DATABASE_TOO_NEW', version, known: TABLES_VERSION },
      `The database of the index has tables of version ${version}, this release knows ${TABLES_VERSION}. Use a newer release, or another database.`,
    );
  }
  // Tables of an earlier release are not converted: everything in them comes from the chain.
  return version === TABLES_VERSION ? progress : restart(connection, chainId);
}

/** Forgets everything, in one transaction. */
export async function restart(connection: IndexConnection, chainId: string): Promise<Progress> {
  await connection.database.transaction().execute((write) => recreateTables(write, connection.kind, chainId));
  return { chainId, height: 0, hash: '' };
}

/**
 * Writes blocks and the new progress in one transaction. Only who knows the progress as it is can write: a second
 * writer fails and leaves nothing.
 *
 * @throws IndexError `INDEX_WRITER_CONFLICT`
 */
export async function writeBlocks(
  { database }: IndexConnection,
  from: Progress,
  rows: BlockRows,
): Promise<Progress> {
  const last = rows.blocks.at(-1)!;
  const to: Progress = { ...from, height: last.height, hash: last.hash };
  await database.transaction().execute(async (write) => {
    await advance(write, from, to);
    const { flows, ...others } = rows;
    for (const table of Object.keys(others) as (keyof typeof others)[])
      await insertAll(write, table, others[table]);
    await insertAll(write, 'flows', await withBalances(write, flows));
  });
  return to;
}

async function insertAll(
  write: Transaction<Tables>,
  table: keyof BlockRows,
  rows: readonly unknown[],
): Promise<void> {
  for (let start = 0; start < rows.length; start += ROWS_PER_INSERT) {
    const part = rows.slice(start, start + ROWS_PER_INSERT);
    await write
      .insertInto(table)
      .values(part as never)
      .execute();
  }
}

/** Adds to each flow what its purse holds after it. */
async function withBalances(
  write: Transaction<Tables>,
  flows: readonly FlowRow[],
): Promise<Insertable<Tables['flows']>[]> {
  const balances = new Map<string, bigint>();
  const rows: Insertable<Tables['flows']>[] = [];
  for (const flow of flows) {
    const key = `${flow.account}/${flow.token}/${flow.purse}`;
    const balance = (balances.get(key) ?? (await balanceBefore(write, flow))) + flow.amount;
    balances.set(key, balance);
    rows.push({ ...flow, balance });
  }
  return rows;
}

async function balanceBefore(
  write: Transaction<Tables>,
  { account, token, purse }: FlowRow,
): Promise<bigint> {
  const last = await write
    .selectFrom('flows')
    .select(asText('balance').as('balance'))
    .where('account', '=', account)
    .where('token', '=', token)
    .where('purse', '=', purse)
    .orderBy('place', 'desc')
    .orderBy('leg', 'desc')
    .limit(1)
    .executeTakeFirst();
  return last === undefined ? 0n : BigInt(last.balance);
}

/** Takes out all above `height`, which was indexed. */
export async function cutBack(
  { database }: IndexConnection,
  from: Progress,
  height: number,
): Promise<Progress> {
  return database.transaction().execute(async (write) => {
    const block =
      height === 0
        ? { hash: '' }
        : await write
            .selectFrom('blocks')
            .select('hash')
            .where('height', '=', height)
            .executeTakeFirstOrThrow();
    const to: Progress = { ...from, height, hash: block.hash };
    await advance(write, from, to);
    for (const table of PLACED_TABLES) {
      await write
        .deleteFrom(table)
        .where('place', '>=', firstPlaceOf(height + 1))
        .execute();
    }
    await write.deleteFrom('blocks').where('height', '>', height).execute();
    return to;
  });
}

async function advance(write: Transaction<Tables>, from: Progress, to: Progress): Promise<void> {
  const { numUpdatedRows } = await write
    .updateTable('progress')
    .set({ height: to.height, hash: to.hash })
    .where('chain_id', '=', from.chainId)
    .where('height', '=', from.height)
    .where('hash', '=', from.hash)
    .executeTakeFirst();
  if (numUpdatedRows === 1n) return;
  throw new IndexError(
    { code: 'INDEX_WRITER_CONFLICT', height: from.height },
    `The index is no longer at height ${from.height}: another process writes to the same database. Let one node have it.`,
  );
}
