import { type AccountId, accountIdToAddress } from '@cairn/core';
import { problem, type TransactionProblem } from '../execution/message.ts';

export function notRegistered(netuid: number, hotkey: AccountId): TransactionProblem {
  return problem(
    'NOT_REGISTERED',
    `Hotkey ${accountIdToAddress(hotkey)} has no uid on subnet ${netuid}. Register it, and send this from the hotkey.`,
  );
}

export function mechanismUnknown(netuid: number, mechanism: number, count: number): TransactionProblem {
  return problem(
    'MECHANISM_UNKNOWN',
    `Subnet ${netuid} has ${count} mechanisms, numbered from 0; there is no number ${mechanism}.`,
  );
}

export function noPermit(netuid: number, uid: number): TransactionProblem {
  return problem(
    'NO_PERMIT',
    `Uid ${uid} has no validator permit on subnet ${netuid}. The next epoch gives one to those with most stake.`,
  );
}

export function beaconNone(): TransactionProblem {
  return problem(
    'BEACON_NONE',
    'The genesis of this network names no randomness beacon, so no weights are locked to its rounds.',
  );
}

export function saltNotCommitted(): TransactionProblem {
  return problem(
    'SALT_NOT_COMMITTED',
    'This hotkey is bound to no salt. Commit to one in an epoch before its weights.',
  );
}

export function weightsTooSoon(
  uid: number,
  lastSlot: bigint,
  allowedFrom: bigint,
  slot: bigint,
): TransactionProblem {
  return problem(
    'WEIGHTS_TOO_SOON',
    `Uid ${uid} set weights at slot ${lastSlot}; it may again from slot ${allowedFrom}, this is ${slot}.`,
  );
}
