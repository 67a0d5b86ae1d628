import { bytes32, struct, type ValueOf } from '@cairn/core';

export const cancelScheduledShape = struct('CancelScheduled', {
  /** The scheduled call, as the event of scheduling it gives it. */
  scheduled: bytes32,
});
export type CancelScheduled = ValueOf<typeof cancelScheduledShape>;
