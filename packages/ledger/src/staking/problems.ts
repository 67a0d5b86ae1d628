import { type AccountId, accountIdToAddress } from '@cairn/core';
import { problem, type TransactionProblem } from '../execution/message.ts';

export function hotkeyUnknown(hotkey: AccountId): TransactionProblem {
  return problem(
    'HOTKEY_UNKNOWN',
    `${accountIdToAddress(hotkey)} is not a hotkey. Its owner associates it first.`,
  );
}

export function notHotkeyOwner(hotkey: AccountId, owner: AccountId): TransactionProblem {
  return problem(
    'NOT_HOTKEY_OWNER',
    `Hotkey ${accountIdToAddress(hotkey)} belongs to ${accountIdToAddress(owner)}. Send this from its coldkey.`,
  );
}

export function netuidIsRoot(): TransactionProblem {
  return problem('NETUID_IS_ROOT', 'Netuid 0 stands for CAIRN on root, which has no token. Name a subnet.');
}
