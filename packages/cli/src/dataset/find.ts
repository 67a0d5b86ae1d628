import { askAllPages } from '../answer/ask-node.ts';
import type { Connection } from '../connect.ts';
import { CliError } from '../errors.ts';
import { printable } from '../terminal/printable.ts';
import { asDataset, type Dataset } from './row.ts';

export const fetchDatasets = (connection: Connection): Promise<Dataset[]> =>
  askAllPages(connection, 'datasets_list', { limit: 0 }, asDataset, ({ id }) => id);

/** @throws CliError `NOT_FOUND` for what nothing is called, and for a name that several have */
export async function findDataset(connection: Connection, nameOrId: string): Promise<Dataset> {
  const all = await fetchDatasets(connection);
  const found = all.filter(({ id, card }) => id === nameOrId || card.name === nameOrId);
  const [one] = found;
  if (one !== undefined && found.length === 1) return one;
  const problem = { code: 'NOT_FOUND', what: 'a data set' } as const;
  throw one === undefined
    ? new CliError(
        problem,
        `No data set is called ${printable(nameOrId)}. Find one with ./cairn dataset search.`,
      )
    : new CliError(
        problem,
        `${found.length} data sets are called ${printable(nameOrId)}: names are free. Name one by its id: ${found.map(({ id }) => id).join(', ')}.`,
      );
}
