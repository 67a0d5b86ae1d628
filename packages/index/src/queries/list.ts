import { accountQuery, balancesQuery, historyQuery } from './accounts.ts';
import { blocksQuery, transactionsQuery } from './chain.ts';
import { channelQuery } from './channels.ts';
import { eventsQuery } from './events.ts';
import type { IndexQuery } from './query.ts';
import { emissionQuery, payQuery, pricesQuery, subnetQuery } from './subnets.ts';

/** Every read of the index. A node answers each as an RPC method of the same name. */
export const INDEX_QUERIES: readonly IndexQuery[] = [
  accountQuery,
  balancesQuery,
  blocksQuery,
  channelQuery,
  emissionQuery,
  eventsQuery,
  historyQuery,
  payQuery,
  pricesQuery,
  subnetQuery,
  transactionsQuery,
];
