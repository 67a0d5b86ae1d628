import { type AccountId, accountIdToAddress } from '@cairn/core';
import type { BlockContext } from '../../execution/context.ts';
import { problem, type TransactionProblem, type Verdict } from '../../execution/message.ts';
import { holdDeposit, recordDeposit, releaseDeposit } from '../money.ts';
import { accounts } from '../state.ts';
import { speakingKeyOf } from './speaking.ts';
import { accountKeys, KEY_BYTES, type KeyChange, keyChanges, MAX_FORMER_KEYS, recoveries } from './state.ts';

/** Puts a change in the place of any that waits. `payers`: the first who can pays the deposit. */
export function startChange(
  context: BlockContext,
  id: AccountId,
  change: Pick<KeyChange, 'newKey' | 'origin' | 'readySlot'>,
  payers: readonly AccountId[],
): Verdict {
  dropChange(context, id);
  const deposit = recordDeposit(context, KEY_BYTES);
  let refused: Verdict = null;
  for (const payer of payers) {
    refused = holdDeposit(context, payer, deposit);
    if (refused !== null) continue;
    keyChanges.set(context.state, id, { ...change, payer, deposit });
    return null;
  }
  return refused;
}

/** Forgets a change that waits, if there is one. */
export function dropChange(context: BlockContext, id: AccountId): void {
  const change = keyChanges.get(context.state, id);
  if (change === undefined) return;
  keyChanges.delete(context.state, id);
  releaseDeposit(context, change.payer, change.deposit);
}

/** From now on the new key speaks; what the old one had begun against it is void. */
export function finishChange(context: BlockContext, id: AccountId, change: KeyChange): void {
  const { state, block } = context;
  const before = accountKeys.get(state, id);
  const old = { key: speakingKeyOf(state, id), untilHeight: BigInt(block.height) };
  const former = [...(before?.former ?? []), old].slice(-MAX_FORMER_KEYS);
  keyChanges.delete(state, id);
  // The first change leaves its deposit with the record; a later one finds it paid.
  if (before !== undefined) releaseDeposit(context, change.payer, change.deposit);
  const { payer, deposit } = before ?? change;
  accountKeys.set(state, id, { key: change.newKey, former, payer, deposit });
  accounts.set(state, id, { ...accounts.get(state, id)!, isKeyChanged: true, isFrozen: false });
  const recovery = recoveries.get(state, id);
  if (recovery === undefined) return;
  recoveries.set(state, id, { ...recovery, next: null, votes: [], frozenUntil: 0n });
}

/** Ends a freeze: the key that spoke speaks again. */
export function liftFreeze(context: BlockContext, id: AccountId): void {
  const account = accounts.get(context.state, id)!;
  accounts.set(context.state, id, { ...account, isFrozen: false });
}

export function noChange(id: AccountId): TransactionProblem {
  return problem('KEY_CHANGE_UNKNOWN', `No change of the key of ${accountIdToAddress(id)} waits.`);
}
