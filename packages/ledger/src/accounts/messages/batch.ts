import { list, struct, type ValueOf } from '@cairn/core';
import { callShape } from '../../execution/calls.ts';

export const batchShape = struct('Batch', {
  /** Run in order, by the sender. */
  calls: list(callShape, 64),
});
export type Batch = ValueOf<typeof batchShape>;
