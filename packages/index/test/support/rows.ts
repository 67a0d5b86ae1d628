import type { IndexConnection } from '../../src/index.ts';

const ORDERS = {
  blocks: ['height'],
  transactions: ['place'],
  events: ['place'],
  event_accounts: ['account', 'place'],
  event_subnets: ['netuid', 'place'],
  flows: ['place', 'leg'],
  prices: ['netuid', 'kind', 'place'],
  pay: ['place'],
  channel_moves: ['place'],
} as const;

/** Everything in the database, for comparing two. */
export async function allRows({ database }: IndexConnection): Promise<Record<string, unknown[]>> {
  const all: Record<string, unknown[]> = {
    progress: await database.selectFrom('progress').selectAll().execute(),
  };
  for (const [table, columns] of Object.entries(ORDERS)) {
    let rows = database.selectFrom(table as 'flows').selectAll();
    for (const column of columns) rows = rows.orderBy(column as 'place');
    all[table] = await rows.execute();
  }
  return all;
}
