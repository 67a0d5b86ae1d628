import { type AccountId, accountIdToAddress, bytesToHex } from '@cairn/core';
import { problem, type TransactionProblem } from '../execution/message.ts';
import type { RunPhase } from './run.ts';

export const runUnknown = (run: Uint8Array): TransactionProblem =>
  problem('RUN_UNKNOWN', `There is no training run ${bytesToHex(run)}. See "train list".`);

export const runEnded = (run: Uint8Array): TransactionProblem =>
  problem('RUN_ENDED', `Run ${bytesToHex(run)} is ended or is ending. Choose another.`);

export const notRunOwner = (run: Uint8Array, owner: AccountId): TransactionProblem =>
  problem('NOT_RUN_OWNER', `Run ${bytesToHex(run)} belongs to ${accountIdToAddress(owner)}.`);

export const seatUnknown = (run: Uint8Array, device: AccountId): TransactionProblem =>
  problem(
    'SEAT_UNKNOWN',
    `${accountIdToAddress(device)} has no seat in run ${bytesToHex(run)}. Join it first.`,
  );

export const notInRound = (device: AccountId, round: number): TransactionProblem =>
  problem(
    'NOT_IN_ROSTER',
    `${accountIdToAddress(device)} was not drawn for round ${round}. The next round draws again.`,
  );

export const phaseWrong = (phase: RunPhase, needed: RunPhase): TransactionProblem =>
  problem('PHASE_WRONG', `This belongs to the phase "${needed}"; the run is in "${phase}".`);

export const roundWrong = (named: number, open: number): TransactionProblem =>
  problem('ROUND_WRONG', `Round ${named} is named; round ${open} is the one that is open or comes next.`);

export const notRoundJudge = (sender: AccountId): TransactionProblem =>
  problem(
    'NOT_JUDGE',
    `${accountIdToAddress(sender)} does not judge here. The validators of the run's subnet with most stake do, as of the start of the round.`,
  );

export const runCaseUnknown = (number: number): TransactionProblem =>
  problem('CASE_UNKNOWN', `No case ${number} is open in this run.`);
