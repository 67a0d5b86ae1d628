import { type CreateTableBuilder, type Kysely, sql, type Transaction } from 'kysely';
import type { DatabaseKind, IndexConnection } from './connection.ts';
import type { Tables } from './tables.ts';

/** Changes whenever a table does. Another version means: index again. */
export const TABLES_VERSION = 1;

const TABLE_NAMES = [
  'progress',
  'blocks',
  'transactions',
  'events',
  'event_accounts',
  'event_subnets',
  'flows',
  'prices',
  'pay',
  'channel_moves',
] as const satisfies readonly (keyof Tables)[];

/** Drops what there is, makes empty tables, and writes that nothing of `chainId` is indexed yet. */
export async function recreateTables(
  database: Transaction<Tables>,
  kind: DatabaseKind,
  chainId: string,
): Promise<void> {
  for (const name of TABLE_NAMES) await database.schema.dropTable(name).ifExists().execute();
  await createTables(database, kind);
  await database
    .insertInto('progress')
    .values({ id: 1, version: TABLES_VERSION, chain_id: chainId, height: 0, hash: '' })
    .execute();
}

export async function hasTables({ database }: IndexConnection): Promise<boolean> {
  const tables = await database.introspection.getTables();
  return tables.some(({ name }) => name === 'progress');
}

async function createTables(database: Kysely<Tables>, kind: DatabaseKind): Promise<void> {
  // In SQLite only a key called INTEGER is the row's own number.
  const whole = kind === 'sqlite' ? 'integer' : 'bigint';
  const create = (name: keyof Tables) => database.schema.createTable(name);
  const byKey = <T extends string>(table: CreateTableBuilder<T, never>) =>
    kind === 'sqlite' ? table.modifyEnd(sql`without rowid`) : table;

  await create('progress')
    .addColumn('id', whole, (column) => column.primaryKey())
    .addColumn('version', whole, (column) => column.notNull())
    .addColumn('chain_id', 'text', (column) => column.notNull())
    .addColumn('height', whole, (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .execute();
  await create('blocks')
    .addColumn('height', whole, (column) => column.primaryKey())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('app_hash', 'text', (column) => column.notNull())
    .addColumn('time_ms', whole, (column) => column.notNull())
    .addColumn('proposer', 'text', (column) => column.notNull())
    .addColumn('transactions', whole, (column) => column.notNull())
    .addColumn('events', whole, (column) => column.notNull())
    .execute();
  await create('transactions')
    .addColumn('place', whole, (column) => column.primaryKey())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('sender', 'text')
    .addColumn('nonce', whole)
    .addColumn('message', 'text')
    .addColumn('ok', whole, (column) => column.notNull())
    .addColumn('code', 'text')
    .addColumn('fee', whole, (column) => column.notNull())
    .addColumn('tip', whole)
    .addColumn('size_bytes', whole, (column) => column.notNull())
    .execute();
  await create('events')
    .addColumn('place', whole, (column) => column.primaryKey())
    .addColumn('transaction_id', 'text')
    .addColumn('module', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('data', 'text', (column) => column.notNull())
    .execute();
  await byKey(
    create('event_accounts')
      .addColumn('account', 'text', (column) => column.notNull())
      .addColumn('place', whole, (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('event_accounts_key', ['account', 'place']),
  ).execute();
  await byKey(
    create('event_subnets')
      .addColumn('netuid', whole, (column) => column.notNull())
      .addColumn('place', whole, (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('event_subnets_key', ['netuid', 'place']),
  ).execute();
  await byKey(
    create('flows')
      .addColumn('place', whole, (column) => column.notNull())
      .addColumn('leg', whole, (column) => column.notNull())
      .addColumn('account', 'text', (column) => column.notNull())
      .addColumn('purse', 'text', (column) => column.notNull())
      .addColumn('token', whole, (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('amount', whole, (column) => column.notNull())
      .addColumn('balance', whole, (column) => column.notNull())
      .addColumn('counterparty', 'text')
      .addPrimaryKeyConstraint('flows_key', ['place', 'leg']),
  ).execute();
  await byKey(
    create('prices')
      .addColumn('netuid', whole, (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('place', whole, (column) => column.notNull())
      .addColumn('amount', whole, (column) => column.notNull())
      .addPrimaryKeyConstraint('prices_key', ['netuid', 'kind', 'place']),
  ).execute();
  await create('pay')
    .addColumn('place', whole, (column) => column.primaryKey())
    .addColumn('netuid', whole)
    .addColumn('uid', whole)
    .addColumn('hotkey', 'text')
    .addColumn('coldkey', 'text')
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('amount', whole, (column) => column.notNull())
    .execute();
  await create('channel_moves')
    .addColumn('place', whole, (column) => column.primaryKey())
    .addColumn('channel', 'text', (column) => column.notNull())
    .addColumn('payer', 'text', (column) => column.notNull())
    .addColumn('payee', 'text', (column) => column.notNull())
    .addColumn('netuid', whole, (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('amount', whole, (column) => column.notNull())
    .addColumn('burned', whole, (column) => column.notNull())
    .execute();
  await createIndexes(database);
}

/** One for each way the queries look rows up. */
const INDEXES = {
  transactions_by_sender: { on: 'transactions', columns: ['sender', 'place'] },
  events_by_name: { on: 'events', columns: ['name', 'place'] },
  events_by_module: { on: 'events', columns: ['module', 'place'] },
  flows_by_account: { on: 'flows', columns: ['account', 'place', 'leg'] },
  flows_by_purse: { on: 'flows', columns: ['account', 'token', 'purse', 'place', 'leg'] },
  pay_by_subnet: { on: 'pay', columns: ['netuid', 'place'] },
  pay_by_hotkey: { on: 'pay', columns: ['hotkey', 'place'] },
  channel_moves_by_channel: { on: 'channel_moves', columns: ['channel', 'place'] },
} as const satisfies Record<string, { readonly on: keyof Tables; readonly columns: readonly string[] }>;

async function createIndexes(database: Kysely<Tables>): Promise<void> {
  for (const [name, { on, columns }] of Object.entries(INDEXES)) {
    await database.schema
      .createIndex(name)
      .on(on)
      .columns([...columns])
      .execute();
  }
}
