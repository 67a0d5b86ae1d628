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
} from '@cairn/ledger';
import { records } from './records.ts';

function sum<T>(view: ListableView, table: Table<T>, amount: (record: T) => bigint): bigint {
  let total = 0n;
  for (const [, record] of records(view, table)) total += amount(record);
  return total;
}

/** What a settled round still owes. */
function owedBy({ isVested, lines, judges }: PaidRound): bigint {
  if (isVested) return 0n;
  const toTrainers = lines.reduce((total, { pay, witnessPay }) => total + pay + witnessPay, 0n);
  return toTrainers + judges.reduce((total, { pay }) => total + pay, 0n);
}

/** Pebbles that training runs keep back: deposits, pools, rounds, bonds, unvested pay and cases. */
export function trainingMoney(view: ListableView): bigint {
  return (
    sum(
      view,
      runs,
      ({ deposit, workDeposit, pool, challengeFund }) => deposit + workDeposit + pool + challengeFund,
    ) +
    sum(view, seats, ({ deposit, bond, heldPay }) => deposit + bond + heldPay) +
    sum(view, checkpoints, ({ deposit }) => deposit) +
    sum(view, rounds, ({ reward }) => reward) +
    sum(view, paidRounds, owedBy) +
    sum(view, trainingCases, ({ deposit, appealDeposit, heldPay }) => deposit + appealDeposit + heldPay)
  );
}

/** Money that is owed to nobody and should not be there, and rounds that pay more than they reserved. */
export function* brokenRuns(view: ListableView): Generator<string> {
  for (const [id, { reward, lines, judges }] of records(view, paidRounds)) {
    const pays =
      lines.reduce((total, { pay, witnessPay }) => total + pay + witnessPay, 0n) +
      judges.reduce((total, { pay }) => total + pay, 0n);
    if (pays > reward) yield `round ${id} pays ${pays} of ${reward}`;
  }
  for (const [id, { phase, pool, challengeFund, workDeposit, unvestedRound, round }] of records(view, runs)) {
    if (phase === 'ended' && (pool + challengeFund + workDeposit > 0n || unvestedRound < round))
      yield `run ${id} is ended and still holds something`;
    const isOpen = phase === 'train' || phase === 'show' || phase === 'settle';
    if (isOpen !== (rounds.get(view, id) !== undefined)) yield `run ${id} is in ${phase}, its round is not`;
  }
}
