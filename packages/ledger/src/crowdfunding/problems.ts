import { problem, type TransactionProblem } from '../execution/message.ts';

export function fundUnknown(fund: number): TransactionProblem {
  return problem(
    'CROWDFUND_UNKNOWN',
    `There is no fund ${fund}. It was never opened, or everybody has been refunded.`,
  );
}

export function fundFinalised(fund: number, netuid: number): TransactionProblem {
  return problem('CROWDFUND_FINALISED', `Fund ${fund} created subnet ${netuid} already.`);
}
