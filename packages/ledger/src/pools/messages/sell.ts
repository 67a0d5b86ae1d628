import { bool, optional, struct, u16, u64, type ValueOf } from '@cairn/core';

export const sellShape = struct('SellTokens', {
  netuid: u16,
  /** In 1e-9 token, fee included; null: all that is held. */
  amount: optional(u64),
  /** Fewest pebbles for one token; null: none. */
  limitPrice: optional(u64),
  /** Fewest pebbles for the whole amount: the bound on slippage. A part must bring its share. */
  minOut: u64,
  /** Whether a part is wanted when the whole cannot be had within the bounds. */
  isPartialAllowed: bool,
});
export type SellTokens = ValueOf<typeof sellShape>;
