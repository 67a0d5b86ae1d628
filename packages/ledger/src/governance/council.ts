import { type AccountId, accountIdToAddress, areBytesEqual } from '@cairn/core';
import { problem, type TransactionProblem } from '../execution/message.ts';
import type { Council } from './state.ts';

export const isMember = ({ members }: Council, who: AccountId): boolean =>
  members.some((member) => areBytesEqual(member, who));

/** Members of today's council among those who agreed. */
export const countAgreed = (council: Council, agreed: readonly AccountId[]): number =>
  agreed.filter((member) => isMember(council, member)).length;

export function notCouncil(who: AccountId): TransactionProblem {
  return problem('NOT_COUNCIL', `${accountIdToAddress(who)} is no member of the council.`);
}
