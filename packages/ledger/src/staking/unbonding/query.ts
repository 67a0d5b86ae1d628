import { account, optional, struct, u64 } from '@cairn/core';
import { defineQuery } from '../../execution/query.ts';
import { departures, leftOf } from './state.ts';

export const unbondingQuery = defineQuery({
  name: 'staking_unbonding',
  help: 'Root stake of a coldkey that left a hotkey and still answers for it, oldest first. `to` is where it was moved; null: it was unstaked and is paid from `freeSlot` on. `left` is what slashes so far leave of it.',
  params: struct('UnbondingParams', { coldkey: account }),
  result: {
    type: 'array',
    items: {
      type: 'object',
      properties: {
        hotkey: account.schema,
        to: optional(account).schema,
        leftHeight: u64.schema,
        amount: u64.schema,
        left: u64.schema,
        freeSlot: u64.schema,
      },
    },
  },
  run: ({ view }, { coldkey }) =>
    departures.get(view, coldkey).map((departure) => ({
      hotkey: account.toJson(departure.hotkey),
      to: departure.to === null ? null : account.toJson(departure.to),
      leftHeight: departure.leftHeight.toString(),
      amount: departure.amount.toString(),
      left: leftOf(view, departure).toString(),
      freeSlot: departure.freeSlot.toString(),
    })),
});
