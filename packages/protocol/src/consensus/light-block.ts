import { list, struct, type ValueOf } from '@cairn/core';
import { consensusHeaderShape } from './block-header.ts';
import { commitShape, MAX_VALIDATORS } from './commit.ts';
import { consensusValidatorShape } from './validator-set.ts';

/** All that a light client needs of one height. */
export const lightBlockShape = struct('LightBlock', {
  header: consensusHeaderShape,
  /** The votes for this header. */
  commit: commitShape,
  /** Who could vote at this height, in the order of the set. */
  validators: list(consensusValidatorShape, MAX_VALIDATORS),
});
export type LightBlock = ValueOf<typeof lightBlockShape>;
