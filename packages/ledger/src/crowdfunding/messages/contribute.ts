import { struct, u32, u64, type ValueOf } from '@cairn/core';

export const contributeShape = struct('Contribute', {
  fund: u32,
  /** Most pebbles to give: no more is taken than the goal lacks. */
  amount: u64,
});
export type Contribute = ValueOf<typeof contributeShape>;
