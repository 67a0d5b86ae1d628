import { addProxyMessage } from './apply/add-proxy.ts';
import { announceKeyChangeMessage } from './apply/announce-key-change.ts';
import { announceProxyCallMessage } from './apply/announce-proxy-call.ts';
import { approveMultisigMessage } from './apply/approve-multisig.ts';
import { approveRecoveryMessage } from './apply/approve-recovery.ts';
import { batchMessage } from './apply/batch.ts';
import { cancelMultisigMessage } from './apply/cancel-multisig.ts';
import { cancelScheduledMessage } from './apply/cancel-scheduled.ts';
import { changeKeyMessage } from './apply/change-key.ts';
import { clearKeyChangeMessage } from './apply/clear-key-change.ts';
import { closeMessage } from './apply/close.ts';
import { disputeKeyChangeMessage } from './apply/dispute-key-change.ts';
import { proxyMessage } from './apply/proxy.ts';
import { rejectProxyCallMessage } from './apply/reject-proxy-call.ts';
import { removeProxyMessage } from './apply/remove-proxy.ts';
import { removeSubKeyMessage } from './apply/remove-sub-key.ts';
import { scheduleMessage } from './apply/schedule.ts';
import { setRecoveryMessage } from './apply/set-recovery.ts';
import { setSubKeyMessage } from './apply/set-sub-key.ts';
import { spendAsMessage } from './apply/spend-as.ts';
import { transferMessage } from './apply/transfer.ts';
import { accountKeysQuery, subKeysQuery } from './keys/query.ts';
import { accountQuery, multisigQuery, proxiesQuery, scheduledQuery } from './query.ts';
import { runScheduled } from './run-scheduled.ts';

/** Accounts: spendable money, nonces, deposits, the keys that speak for them; calls of several, for another and later. */
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
    announceKeyChangeMessage,
    approveRecoveryMessage,
    changeKeyMessage,
    clearKeyChangeMessage,
    disputeKeyChangeMessage,
    removeSubKeyMessage,
    setRecoveryMessage,
    setSubKeyMessage,
    spendAsMessage,
  ],
  queries: [accountQuery, accountKeysQuery, subKeysQuery, multisigQuery, proxiesQuery, scheduledQuery],
  endBlock: runScheduled,
} as const;
