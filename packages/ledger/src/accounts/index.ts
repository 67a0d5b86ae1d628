import { announceKeyChangeMessage } from './apply/announce-key-change.ts';
import { approveRecoveryMessage } from './apply/approve-recovery.ts';
import { batchMessage } from './apply/batch.ts';
import { changeKeyMessage } from './apply/change-key.ts';
import { clearKeyChangeMessage } from './apply/clear-key-change.ts';
import { closeMessage } from './apply/close.ts';
import { disputeKeyChangeMessage } from './apply/dispute-key-change.ts';
import { setRecoveryMessage } from './apply/set-recovery.ts';
import { transferMessage } from './apply/transfer.ts';
import { accountKeysQuery, accountQuery } from './query.ts';

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
  ],
  queries: [accountQuery, accountKeysQuery],
} as const;
