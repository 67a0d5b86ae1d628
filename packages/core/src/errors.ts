/** The least a problem carries: a stable code. Each room extends it with the fields of its own causes. */
export interface Problem {
  readonly code: string;
}

/**
 * Base of every error thrown by Cairn. A room declares one subclass and a union of problems:
 * the code is stable and meant for programs, the message is meant for people and may change.
 */
export class CairnError<P extends Problem = Problem> extends Error {
  override readonly name: string = 'CairnError';
  readonly problem: P;

  constructor(problem: P, message: string, options?: ErrorOptions) {
    super(message, options);
    this.problem = problem;
  }

  get code(): P['code'] {
    return this.problem.code;
  }
}

export type CoreProblem =
  | { code: 'BYTES_MALFORMED'; expected: string }
  | { code: 'CODEC_MALFORMED'; type: string }
  | { code: 'CODEC_NOT_CANONICAL'; type: string }
  | { code: 'VALUE_OUT_OF_RANGE'; type: string }
  | { code: 'ADDRESS_MALFORMED'; reason: string }
  | { code: 'AMOUNT_MALFORMED'; text: string }
  | { code: 'FIXED_POINT_BOUND'; operation: string }
  | { code: 'PROOF_MALFORMED'; reason: string };

export class CoreError extends CairnError<CoreProblem> {
  override readonly name = 'CoreError';
}
