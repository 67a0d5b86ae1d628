import { joinValidatorsMessage } from './apply/join.ts';
import { leaveValidatorsMessage } from './apply/leave.ts';
import { unjailValidatorMessage } from './apply/unjail.ts';
import { watchConduct } from './punish.ts';
import { validatorQuery, validatorsQuery } from './query.ts';
import { updateValidatorSet } from './update-set.ts';

/** Who votes on blocks: those that genesis names, until those with stake take their place. */
export const validatorsModule = {
  name: 'validators',
  messages: [joinValidatorsMessage, leaveValidatorsMessage, unjailValidatorMessage],
  queries: [validatorsQuery, validatorQuery],
  beginBlock: watchConduct,
  endBlock: updateValidatorSet,
} as const;
