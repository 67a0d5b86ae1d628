import { announceKeyChangeMessage } from './apply/announce-key-change.ts';
import { approveRecoveryMessage } from './apply/approve-recovery.ts';
import { batchMessage } from './apply/batch.ts';
import { changeKeyMessage } from './apply/change-key.ts';
import { clearKeyChangeMessage } from './apply/clear-key-change.ts';
import { closeMessage } from './apply/close.ts';
import { disputeKeyChangeMessage } from './apply/dispute-key-change.ts';
import { removeSubKeyMessage } from './apply/remove-sub-key.ts';
import { setRecoveryMessage } from './apply/set-recovery.ts';
import { setSubKeyMessage } from './apply/set-sub-key.ts';
import { spendAsMessage } from './apply/spend-as.ts';
import { transferMessage } from './apply/transfer.ts';
import { accountKeysQuery, accountQuery, subKeysQuery } from './query.ts';

/** Accounts: spendable money, nonces, deposits, and the keys that speak for them. */
export const accountsModule = {
  name: 'accounts',
  messages: [
    transferMessage,
    closeMessage,
    batchMessage,
    announceKeyChangeMessage,
    changeKeyMessage,
    disputeKeyChangeMessage,
    setRecoveryMessage,
    approveRecoveryMessage,
    clearKeyChangeMessage,
    setSubKeyMessage,
    removeSubKeyMessage,
    spendAsMessage,
  ],
  queries: [accountQuery, accountKeysQuery, subKeysQuery],
} as const;
