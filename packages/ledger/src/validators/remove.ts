import { releaseDeposit } from '../accounts/money.ts';
import type { BlockContext } from '../execution/context.ts';
import { addDeparted } from './conduct.ts';
import { validatorRemoved } from './events.ts';
import type { Validator } from './state.ts';

/** Gives back the deposits of validators that leave the roster, and remembers who answers for what they signed. */
export function removeValidators(context: BlockContext, left: readonly Validator[]): void {
  if (left.length === 0) return;
  const { state, slot, parameters } = context;
  const untilSlot = slot + parameters.unbondingSlots;
  addDeparted(
    state,
    slot,
    left.map(({ id, publicKey, account }) => ({ id, publicKey, account, untilSlot })),
  );
  for (const validator of left) {
    releaseDeposit(context, validator.account, validator.deposit);
    validatorRemoved(context, validator);
  }
}
