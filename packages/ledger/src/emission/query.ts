import { type Amount, SUPPLY_CAP, u64 } from '@cairn/core';
import { defineQuery, noParams } from '../execution/query.ts';
import { issuance, outstanding, supplyCell } from '../flows/supply.ts';
import { slotEmission } from './block-emission.ts';

const AMOUNTS = [
  'cap',
  'issuance',
  'outstanding',
  'circulating',
  'staked',
  'pooled',
  'escrowed',
  'burned',
  'recycled',
  'mintedPerSlot',
  'nextHalvingIssuance',
] as const;

/** Issuance at which the emission halves next: half of what is left to the cap is issued. */
function nextHalving(issued: Amount): Amount {
  let left = SUPPLY_CAP;
  while (left > 1n && SUPPLY_CAP - left / 2n <= issued) left /= 2n;
  return SUPPLY_CAP - left / 2n;
}

export const supplyQuery = defineQuery({
  name: 'emission_supply',
  help: 'Where all CAIRN is, what a slot mints now and at which issuance that halves. Pebbles.',
  params: noParams,
  result: {
    type: 'object',
    properties: Object.fromEntries(AMOUNTS.map((name) => [name, u64.schema])),
    required: AMOUNTS,
  },
  run({ view }) {
    const supply = supplyCell.get(view);
    const issued = issuance(supply);
    const amounts: Record<(typeof AMOUNTS)[number], Amount> = {
      ...supply,
      cap: SUPPLY_CAP,
      issuance: issued,
      outstanding: outstanding(supply),
      mintedPerSlot: slotEmission(issued),
      nextHalvingIssuance: nextHalving(issued),
    };
    return Object.fromEntries(AMOUNTS.map((name) => [name, amounts[name].toString()]));
  },
});
