import { type Amount, formatAmount } from '@cairn/core';
import { problem, type TransactionProblem } from '../../execution/message.ts';
import type { SubKey } from './state.ts';

/** A sub-key after it spent an amount on a day, or which cap that would pass. */
export function spend(
  subKey: SubKey,
  amount: Amount,
  day: bigint,
):
  | { readonly ok: true; readonly subKey: SubKey }
  | { readonly ok: false; readonly problem: TransactionProblem } {
  const { perCall, perDay, total } = subKey.limits;
  const spentToday = (subKey.day === day ? subKey.spentToday : 0n) + amount;
  const spent = subKey.spent + amount;
  const passed = (code: string, cap: Amount, left: Amount, of: string) => ({
    ok: false as const,
    problem: problem(
      code,
      `This takes ${formatAmount(amount)} CAIRN; of ${formatAmount(cap)} ${of} ${formatAmount(left > 0n ? left : 0n)} are left. Spend less, or ask the owner for more.`,
    ),
  });
  if (amount > perCall) return passed('SUB_KEY_CALL_CAP', perCall, perCall, 'a call');
  if (spentToday > perDay) return passed('SUB_KEY_DAY_CAP', perDay, perDay - (spentToday - amount), 'a day');
  if (spent > total) return passed('SUB_KEY_TOTAL_CAP', total, total - subKey.spent, 'in all');
  return { ok: true, subKey: { ...subKey, day, spentToday, spent } };
}
