import { CairnError } from '@cairn/core';

export type MechanismProblem =
  | { code: 'PARAMS_INVALID'; field: string }
  | { code: 'BOUND_EXCEEDED'; what: string; has: number; most: number }
  | { code: 'SCORE_INCOMPLETE'; taskIndex: number }
  | { code: 'STATES_INVALID'; tokens: number; width: number }
  | { code: 'CALIBRATION_TOO_SMALL'; answers: number; environments: number }
  | { code: 'BUNDLE_SEALED_WRONG'; reason: string };

/** A mechanism was given something it cannot work with. */
export class MechanismError extends CairnError<MechanismProblem> {
  override readonly name = 'MechanismError';
}
