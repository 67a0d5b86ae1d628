import { type AccountId, accountIdToAddress } from '@cairn/core';
import { problem, type TransactionProblem } from '../execution/message.ts';

export function notRegistered(netuid: number, hotkey: AccountId): TransactionProblem {
  return problem(
    'NOT_REGISTERED',
    `Hotkey ${accountIdToAddress(hotkey)} has no uid on subnet ${netuid}. Register it, and send this from the hotkey.`,
  );
}
