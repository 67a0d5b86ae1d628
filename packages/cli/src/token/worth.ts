import { mulDiv, PEBBLES_PER_CAIRN } from '@cairn/core';

/** Pebbles that tokens are worth at a price, rounded down; selling them moves the price and brings less. */
export function worthOf(tokens: bigint, price: bigint): bigint {
  return mulDiv(tokens, price, PEBBLES_PER_CAIRN);
}
