import { accountIdToAddress, areBytesEqual } from '@cairn/core';
import { defineMessage, problem } from '../../execution/message.ts';
import { validatorLeft } from '../events.ts';
import { leaveValidatorsShape } from '../messages/leave.ts';
import { rosterCell } from '../state.ts';

export const leaveValidatorsMessage = defineMessage({
  id: 97,
  name: 'validators.leave',
  help: 'Takes a consensus key of the sending hotkey off the roster: its power goes with the next updates, then its deposit comes back.',
  shape: leaveValidatorsShape,
  work: () => 16,
  apply(context, { validator }) {
    const { state, sender } = context;
    const roster = rosterCell.get(state);
    const found = roster.validators.find(({ id }) => areBytesEqual(id, validator));
    if (found === undefined)
      return problem('VALIDATOR_UNKNOWN', `No validator votes with ${accountIdToAddress(validator)}.`);
    if (found.origin === 'genesis' || !areBytesEqual(found.account, sender)) {
      return problem(
        'NOT_VALIDATOR_HOTKEY',
        `Validator ${accountIdToAddress(validator)} votes for ${accountIdToAddress(found.account)}, who alone may take it off.`,
      );
    }
    if (found.isLeaving)
      return problem('VALIDATOR_LEAVING', `Validator ${accountIdToAddress(validator)} is leaving already.`);
    const left = { ...found, isLeaving: true };
    rosterCell.set(state, {
      ...roster,
      validators: roster.validators.map((other) => (other === found ? left : other)),
    });
    validatorLeft(context, left);
    return null;
  },
});
