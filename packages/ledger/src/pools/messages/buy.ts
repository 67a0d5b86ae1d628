import { bool, optional, struct, u16, u64, type ValueOf } from '@cairn/core';

export const buyShape = struct('BuyTokens', {
  netuid: u16,
  /** Pebbles, fee included. */
  amount: u64,
  /** Most pebbles for one token; null: none. */
  limitPrice: optional(u64),
  /** Fewest tokens for the whole amount, in 1e-9 token: the bound on slippage. A part must bring its share. */
  minOut: u64,
  /** Whether a part is wanted when the whole cannot be had within the bounds. */
  isPartialAllowed: bool,
});
export type BuyTokens = ValueOf<typeof buyShape>;
