import { fixedBytes, PULSE_BYTES, struct, u16, u64, type ValueOf } from '@cairn/core';

export const postPulseShape = struct('PostPulse', {
  /** A subnet whose weights wait for this round. */
  netuid: u16,
  round: u64,
  /** The beacon's signature of the round. */
  signature: fixedBytes(PULSE_BYTES),
});
export type PostPulse = ValueOf<typeof postPulseShape>;
