import { problem, type TransactionProblem } from '../execution/message.ts';

export const amountZero = (): TransactionProblem => problem('AMOUNT_ZERO', 'Name an amount above zero.');

export function ordersFull(netuid: number, most: bigint): TransactionProblem {
  return problem(
    'ORDERS_FULL',
    `The pool of subnet ${netuid} has its ${most} swaps that clear next. Send this again.`,
  );
}
