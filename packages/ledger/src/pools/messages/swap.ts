import { optional, struct, u16, u64, type ValueOf } from '@cairn/core';

export const swapShape = struct('SwapTokens', {
  /** Subnet whose token is sold, in this block. */
  from: u16,
  /** Subnet whose token is bought with the proceeds, in the next block. */
  to: u16,
  /** In 1e-9 token; null: all that is held. */
  amount: optional(u64),
  /** Fewest pebbles for the whole amount in the first leg. */
  minProceeds: u64,
  /** Fewest tokens of `to` for the proceeds; what does not bring them is paid out in CAIRN. */
  minOut: u64,
});
export type SwapTokens = ValueOf<typeof swapShape>;
