import { type AccountId, accountIdToAddress, bytesToHex } from '@cairn/core';
import { problem, type TransactionProblem } from '../execution/message.ts';

export const caseUnknown = (receipt: Uint8Array): TransactionProblem =>
  problem('CASE_UNKNOWN', `No case about receipt ${bytesToHex(receipt)} is open.`);

export const notJudge = (sender: AccountId): TransactionProblem =>
  problem(
    'NOT_JUDGE',
    `${accountIdToAddress(sender)} has no voting power, or is the provider itself. Only validators that vote on blocks judge.`,
  );
