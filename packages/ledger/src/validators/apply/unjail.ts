import { accountIdToAddress, areBytesEqual } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { conducts } from '../conduct.ts';
import { validatorUnjailed } from '../events.ts';
import { unjailValidatorShape } from '../messages/unjail.ts';
import { rosterCell } from '../state.ts';

export const unjailValidatorMessage = defineMessage({
  id: 98,
  name: 'validators.unjail',
  help: 'Lets a validator that was jailed for missing votes vote again, when its time is over. From its hotkey, or from the account that genesis names for it.',
  shape: unjailValidatorShape,
  work: () => 20,
  apply(context, { validator }) {
    const { state, sender, slot } = context;
    const name = accountIdToAddress(validator);
    const found = rosterCell.get(state).validators.find(({ id }) => areBytesEqual(id, validator));
    if (found === undefined) return problem('VALIDATOR_UNKNOWN', `No validator votes with ${name}.`);
    if (!areBytesEqual(found.account, sender)) {
      return problem(
        'NOT_VALIDATOR_HOTKEY',
        `Validator ${name} votes for ${accountIdToAddress(found.account)}, who alone may ask for its votes.`,
      );
    }
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
    validatorUnjailed(context, found);
    return null;
  },
});
