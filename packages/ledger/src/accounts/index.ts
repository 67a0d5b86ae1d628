import { approveMultisigMessage } from './apply/approve-multisig.ts';
import { batchMessage } from './apply/batch.ts';
import { cancelMultisigMessage } from './apply/cancel-multisig.ts';
import { closeMessage } from './apply/close.ts';
import { transferMessage } from './apply/transfer.ts';
import { accountQuery, multisigQuery } from './query.ts';

/** Accounts: spendable money, nonces, deposits; calls of several, for another and later. */
export const accountsModule = {
  name: 'accounts',
  messages: [transferMessage, closeMessage, batchMessage, approveMultisigMessage, cancelMultisigMessage],
  queries: [accountQuery, multisigQuery],
} as const;
