import { bytesToHex } from '@cairn/core';
import {
  checkpoints,
  type ListableView,
  type PaidRound,
  paidRounds,
  rounds,
  runs,
  seats,
  type Table,
  trainingCases,
} from '../../src/index.ts';

function* records<T>(view: ListableView, table: Table<T>): Generator<T> {
  for (const id of table.ids(view)) yield table.get(view, id)!;
}

/** Deposits of runs, seats and checkpoints, by the account that paid. */
export function* trainingDeposits(view: ListableView): Generator<readonly [owner: string, deposit: bigint]> {
  for (const { owner, deposit, workDeposit, phase } of records(view, runs)) {
    yield [bytesToHex(owner), deposit];
    if (phase !== 'ended') yield [bytesToHex(owner), workDeposit];
  }
  for (const { wallet, deposit } of records(view, seats)) yield [bytesToHex(wallet), deposit];
  for (const { poster, deposit } of records(view, checkpoints)) yield [bytesToHex(poster), deposit];
}

/** What a settled round still owes. */
export function owedBy({ isVested, lines, judges }: PaidRound): bigint {
  if (isVested) return 0n;
  const toTrainers = lines.reduce((sum, { pay, witnessPay }) => sum + pay + witnessPay, 0n);
  return toTrainers + judges.reduce((sum, { pay }) => sum + pay, 0n);
}

/** Pebbles in pools, rounds, bonds, unvested pay and cases. */
export function trainingMoney(view: ListableView): bigint {
  let total = 0n;
  for (const { pool, challengeFund } of records(view, runs)) total += pool + challengeFund;
  for (const { reward } of records(view, rounds)) total += reward;
  for (const paid of records(view, paidRounds)) total += owedBy(paid);
  for (const { bond, heldPay } of records(view, seats)) total += bond + heldPay;
  for (const { deposit, appealDeposit, heldPay } of records(view, trainingCases))
    total += deposit + appealDeposit + heldPay;
  return total;
}
