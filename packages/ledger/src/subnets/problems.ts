import { type AccountId, accountIdToAddress } from '@cairn/core';
import { problem, type TransactionProblem } from '../execution/message.ts';
import type { StateView } from '../state/view.ts';
import { isDissolved } from './state.ts';

/** Why nothing can be done on a subnet that is not there. */
export function subnetUnknown(view: StateView, netuid: number): TransactionProblem {
  return isDissolved(view, netuid)
    ? subnetDissolved(netuid)
    : problem('SUBNET_UNKNOWN', `There is no subnet ${netuid}. List them and choose one.`);
}

export function subnetDissolved(netuid: number): TransactionProblem {
  return problem(
    'SUBNET_DISSOLVED',
    `Subnet ${netuid} was dissolved. What its tokens are due is paid by subnets.claimDissolved.`,
  );
}

export function notSubnetOwner(netuid: number, owner: AccountId): TransactionProblem {
  return problem(
    'NOT_SUBNET_OWNER',
    `Subnet ${netuid} belongs to ${accountIdToAddress(owner)}, who alone may change it.`,
  );
}

export function noticeNone(netuid: number): TransactionProblem {
  return problem('NOTICE_NONE', `Subnet ${netuid} has not been announced to end.`);
}
