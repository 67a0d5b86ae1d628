import { bytesToHex } from '@cairn/core';
import { problem, type TransactionProblem } from '../execution/message.ts';

export function channelUnknown(id: Uint8Array): TransactionProblem {
  return problem(
    'CHANNEL_UNKNOWN',
    `There is no channel ${bytesToHex(id)}. It was never opened here, or it is finalised.`,
  );
}
