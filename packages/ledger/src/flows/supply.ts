import { struct, u64, type ValueOf } from '@cairn/core';
import { defineCell } from '../state/table.ts';

/**
 * Where all money is, in pebbles. `circulating + staked + pooled + escrowed` is what is outstanding;
 * with `burned` it never exceeds the cap. `recycled` counts what was ever taken out to be minted again.
 */
const supplyShape = struct('Supply', {
  circulating: u64,
  staked: u64,
  pooled: u64,
  escrowed: u64,
  burned: u64,
  recycled: u64,
});
export type Supply = ValueOf<typeof supplyShape>;

export const supplyCell = defineCell(
  'flows',
  'supply',
  supplyShape,
  {
    circulating: 0n,
    staked: 0n,
    pooled: 0n,
    escrowed: 0n,
    burned: 0n,
    recycled: 0n,
  },
  { isRemembered: true },
);

/** Pebbles outstanding. */
export function outstanding(supply: Supply): bigint {
  return supply.circulating + supply.staked + supply.pooled + supply.escrowed;
}

/** What the halving curve runs on: burned pebbles stay counted, recycled ones do not. */
export function issuance(supply: Supply): bigint {
  return outstanding(supply) + supply.burned;
}
