import { authorizationShape, struct, type ValueOf } from '@cairn/core';

export const joinValidatorsShape = struct('JoinValidators', {
  /** The consensus key's own signature over `validatorSignBytes`: nobody enters the key of another. */
  consensusKey: authorizationShape,
});
export type JoinValidators = ValueOf<typeof joinValidatorsShape>;
