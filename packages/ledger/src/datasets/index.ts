import { publishDatasetMessage } from './apply/publish.ts';
import { retireDatasetMessage } from './apply/retire.ts';
import { datasetQuery, datasetsQuery } from './query.ts';

/** Data sets: what is for sale, under which licence, and by which root a buyer checks each chunk. */
export const datasetsModule = {
  name: 'datasets',
  messages: [publishDatasetMessage, retireDatasetMessage],
  queries: [datasetQuery, datasetsQuery],
} as const;
