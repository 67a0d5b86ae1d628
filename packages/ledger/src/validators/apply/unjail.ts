import { accountIdToAddress } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { conducts } from '../conduct.ts';
import { validatorUnjailed } from '../events.ts';
import { unjailValidatorShape } from '../messages/unjail.ts';
import { findOwnValidator } from '../own-validator.ts';

export const unjailValidatorMessage = defineMessage({
  id: 98,
  name: 'validators.unjail',
  help: 'Lets a validator that was jailed for missing votes vote again, when its time is over. From its hotkey, or from the account that genesis names for it.',
  shape: unjailValidatorShape,
  work: () => 20,
  apply(context, { validator }) {
    const { state, sender, slot } = context;
    const name = accountIdToAddress(validator);
    const own = findOwnValidator(state, sender, validator);
    if (!own.ok) return own.problem;
    const conduct = conducts.get(state, validator);
    if (conduct.isTombstoned)
      return problem(
        'VALIDATOR_TOMBSTONED',
        `Validator ${name} signed twice and never votes again. Join with another key.`,
      );
    if (conduct.jailedUntil === 0n)
      return problem('VALIDATOR_NOT_JAILED', `Validator ${name} is not jailed.`);
    if (slot < conduct.jailedUntil) {
      return problem(
        'VALIDATOR_JAILED',
        `Validator ${name} is jailed until slot ${conduct.jailedUntil}; this is slot ${slot}.`,
      );
    }
    conducts.set(state, validator, { ...conduct, jailedUntil: 0n });
    validatorUnjailed(context, own.found);
    return null;
  },
});
