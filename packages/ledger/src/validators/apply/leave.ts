import { accountIdToAddress, areBytesEqual } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { validatorLeft } from '../events.ts';
import { leaveValidatorsShape } from '../messages/leave.ts';
import { findOwnValidator } from '../own-validator.ts';
import { rosterCell } from '../state.ts';

export const leaveValidatorsMessage = defineMessage({
  id: 97,
  name: 'validators.leave',
  help: 'Takes a consensus key of the sending hotkey off the roster: its power goes with the next updates, then its deposit comes back.',
  shape: leaveValidatorsShape,
  work: () => 16,
  apply(context, { validator }) {
    const { state, sender } = context;
    const own = findOwnValidator(state, sender, validator);
    if (!own.ok) return own.problem;
    const { found } = own;
    const name = accountIdToAddress(validator);
    if (found.origin === 'genesis') {
      return problem(
        'NOT_VALIDATOR_HOTKEY',
        `Validator ${name} is named by the genesis, so no hotkey takes it off: its power goes as stake arrives.`,
      );
    }
    if (found.isLeaving) return problem('VALIDATOR_LEAVING', `Validator ${name} is leaving already.`);
    const roster = rosterCell.get(state);
    const left = { ...found, isLeaving: true };
    rosterCell.set(state, {
      ...roster,
      validators: roster.validators.map((other) => (areBytesEqual(other.id, validator) ? left : other)),
    });
    validatorLeft(context, left);
    return null;
  },
});
