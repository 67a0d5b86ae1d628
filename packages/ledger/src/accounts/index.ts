import { addProxyMessage } from './apply/add-proxy.ts';
import { announceProxyCallMessage } from './apply/announce-proxy-call.ts';
import { approveMultisigMessage } from './apply/approve-multisig.ts';
import { batchMessage } from './apply/batch.ts';
import { cancelMultisigMessage } from './apply/cancel-multisig.ts';
import { cancelScheduledMessage } from './apply/cancel-scheduled.ts';
import { closeMessage } from './apply/close.ts';
import { proxyMessage } from './apply/proxy.ts';
import { rejectProxyCallMessage } from './apply/reject-proxy-call.ts';
import { removeProxyMessage } from './apply/remove-proxy.ts';
import { scheduleMessage } from './apply/schedule.ts';
import { transferMessage } from './apply/transfer.ts';
import { accountQuery, multisigQuery, proxiesQuery, scheduledQuery } from './query.ts';
import { runScheduled } from './run-scheduled.ts';

/** Accounts: spendable money, nonces, deposits; calls of several, for another and later. */
export const accountsModule = {
  name: 'accounts',
  messages: [
    transferMessage,
    closeMessage,
    batchMessage,
    approveMultisigMessage,
    cancelMultisigMessage,
    addProxyMessage,
    removeProxyMessage,
    announceProxyCallMessage,
    rejectProxyCallMessage,
    proxyMessage,
    scheduleMessage,
    cancelScheduledMessage,
  ],
  queries: [accountQuery, multisigQuery, proxiesQuery, scheduledQuery],
  endBlock: runScheduled,
} as const;
