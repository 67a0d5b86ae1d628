import type { ListableView, Table } from '@cairn/ledger';

/** Every record of a table with its id. */
export function* records<T>(
  view: ListableView,
  table: Table<T>,
): Generator<readonly [id: string, record: T]> {
  for (const id of table.ids(view)) yield [id, table.get(view, id)!];
}
