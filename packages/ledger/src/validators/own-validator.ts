import { type AccountId, accountIdToAddress, areBytesEqual } from '@cairn/core';
import { problem, type TransactionProblem } from '../execution/message.ts';
import type { StateView } from '../state/view.ts';
import { rosterCell, type Validator } from './state.ts';

export type OwnValidator =
  | { readonly ok: true; readonly found: Validator }
  | { readonly ok: false; readonly problem: TransactionProblem };

/** The validator that a message names, when its sender is the hotkey or account that it votes for. */
export function findOwnValidator(state: StateView, sender: AccountId, validator: AccountId): OwnValidator {
  const name = accountIdToAddress(validator);
  const found = rosterCell.get(state).validators.find(({ id }) => areBytesEqual(id, validator));
  if (found === undefined)
    return { ok: false, problem: problem('VALIDATOR_UNKNOWN', `No validator votes with ${name}.`) };
  if (areBytesEqual(found.account, sender)) return { ok: true, found };
  return {
    ok: false,
    problem: problem(
      'NOT_VALIDATOR_HOTKEY',
      `Validator ${name} votes for ${accountIdToAddress(found.account)}, who alone may ask this of it.`,
    ),
  };
}
