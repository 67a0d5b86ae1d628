import { type AccountId, accountIdToAddress } from '@cairn/core';
import { problem, type TransactionProblem } from '../../execution/message.ts';

export function subKeyUnknown(owner: AccountId, key: AccountId): TransactionProblem {
  return problem(
    'SUB_KEY_UNKNOWN',
    `${accountIdToAddress(key)} is no sub-key of ${accountIdToAddress(owner)}. The owner sets one.`,
  );
}
