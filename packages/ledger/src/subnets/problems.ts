import { problem, type TransactionProblem } from '../execution/message.ts';

export function subnetUnknown(netuid: number): TransactionProblem {
  return problem('SUBNET_UNKNOWN', `There is no subnet ${netuid}. List them and choose one.`);
}
