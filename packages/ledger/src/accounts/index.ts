import { batchMessage } from './apply/batch.ts';
import { closeMessage } from './apply/close.ts';
import { transferMessage } from './apply/transfer.ts';
import { accountQuery } from './query.ts';

/** Accounts: spendable money, nonces, deposits. */
export const accountsModule = {
  name: 'accounts',
  messages: [transferMessage, closeMessage, batchMessage],
  queries: [accountQuery],
} as const;
