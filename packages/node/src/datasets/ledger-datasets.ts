import { accountIdToAddress, bytesToHex, hexToBytes } from '@cairn/core';
import { type Dataset, datasetShape } from '@cairn/ledger';
import type { LedgerReader } from '@cairn/protocol';
import { type DatasetForSale, fetchPages } from '@cairn/sdk';
import { NodeError } from '../errors.ts';

interface Row {
  readonly id: string;
}

function toDataset({ id, ...rest }: Row): DatasetForSale {
  const { owner, card }: Dataset = datasetShape.fromJson(rest);
  return { id: hexToBytes(id), owner, card };
}

/**
 * A data set of the ledger by its id in hex, or by its name when one alone has it: names are not owned, so a name that
 * several have names none.
 *
 * @throws NodeError `DATASET_UNKNOWN`
 */
export async function findDataset(
  ledger: Pick<LedgerReader, 'query'>,
  nameOrId: string,
): Promise<DatasetForSale> {
  const unknown = (reason: string) =>
    new NodeError({ code: 'DATASET_UNKNOWN', dataset: nameOrId.slice(0, 96) }, reason);
  if (/^[0-9a-f]{64}$/.test(nameOrId)) {
    const row = await ledger.query<Row | null>('datasets_get', { dataset: nameOrId });
    if (row === null) throw unknown(`No data set ${nameOrId} is listed. See cairn dataset search.`);
    return toDataset(row);
  }
  const named = (await fetchPages<Row>(ledger, 'datasets_list'))
    .map(toDataset)
    .filter(({ card }) => card.name === nameOrId);
  const [one] = named;
  if (one === undefined)
    throw unknown(`No data set is called ${nameOrId.slice(0, 96)}. See cairn dataset search.`);
  if (named.length === 1) return one;
  const ids = named.map(({ id, owner }) => `${bytesToHex(id)} of ${accountIdToAddress(owner)}`);
  throw unknown(
    `${named.length} data sets are called ${nameOrId}; name one by its id: ${ids.slice(0, 5).join(', ')}.`,
  );
}
