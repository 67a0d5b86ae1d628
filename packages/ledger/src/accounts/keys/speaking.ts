import { type AccountId, accountIdToAddress } from '@cairn/core';
import { clock } from '../../emission/clock.ts';
import { problem, type TransactionProblem } from '../../execution/message.ts';
import type { StateView } from '../../state/view.ts';
import { type Account, accounts } from '../state.ts';
import { accountKeys, recoveries } from './state.ts';

/** Account of the key that speaks for an account: itself, until it was changed. */
export function speakingKeyOf(
  view: StateView,
  id: AccountId,
  account: Account | undefined = accounts.get(view, id),
): AccountId {
  return account?.isKeyChanged ? accountKeys.get(view, id)!.key : id;
}

/**
 * Accounts of the keys that spoke for an account at a height or since, the present one first. What such a key
 * signed off the ledger stays good for what was begun at that height.
 */
export function keysSince(view: StateView, id: AccountId, height: bigint): AccountId[] {
  if (!accounts.get(view, id)?.isKeyChanged) return [id];
  const { key, former } = accountKeys.get(view, id)!;
  return [key, ...former.filter(({ untilHeight }) => untilHeight >= height).map((entry) => entry.key)];
}

/** Why an account marked as frozen may not act; null once its time is over. */
export function frozenProblem(view: StateView, id: AccountId): TransactionProblem | null {
  const { slot } = clock.get(view);
  const frozenUntil = recoveries.get(view, id)?.frozenUntil ?? 0n;
  if (slot >= frozenUntil) return null;
  return problem(
    'ACCOUNT_FROZEN',
    `${accountIdToAddress(id)} is frozen for ${frozenUntil - slot} more slots, because its key is disputed. Its guardians decide which key speaks for it.`,
  );
}
