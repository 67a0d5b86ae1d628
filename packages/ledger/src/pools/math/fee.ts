import type { Amount } from '@cairn/core';

/** A fee rate counts parts of this. */
export const FEE_SCALE = 65_535n;

/**
 * Fee within a gross amount: amount · rate / 65,535, rounded down as in Bittensor's rule.
 *
 * @param rate below `FEE_SCALE`.
 */
export function feeWithin(amount: Amount, rate: bigint): Amount {
  return (amount * rate) / FEE_SCALE;
}

/** Fee on top of what the curve takes: net · rate / (65,535 − rate), rounded down as in Bittensor's rule. */
export function feeOnTop(net: Amount, rate: bigint): Amount {
  return (net * rate) / (FEE_SCALE - rate);
}

/** `feeWithin`, rounded up: parts of an order never pay less than the whole. */
export function feeWithinUp(amount: Amount, rate: bigint): Amount {
  return (amount * rate + FEE_SCALE - 1n) / FEE_SCALE;
}

/**
 * `feeOnTop`, rounded up. Net and fee together never exceed the gross amount that `net` is at most the
 * remainder of after `feeWithinUp`.
 */
export function feeOnTopUp(net: Amount, rate: bigint): Amount {
  const rest = FEE_SCALE - rate;
  return (net * rate + rest - 1n) / rest;
}
