import { bool, optional, struct, u16, u64, withDefault } from '@cairn/core';
import { defineQuery, noParams } from '../execution/query.ts';
import { readParameters } from '../parameters/state.ts';
import { netuidsAfter } from '../yuma/state.ts';
import { HYPERPARAMETER_NAMES, HYPERPARAMETERS } from './hyperparameter-table.ts';
import { describeMetagraph, metagraphSchema } from './metagraph.ts';
import { lockCost } from './price.ts';
import { subnets, subnetsCell } from './state.ts';
import { describeSubnet, subnetSchema } from './summary.ts';

const MAX_LISTED = 200;

export const subnetsQuery = defineQuery({
  name: 'subnets_list',
  help: `Subnets by number, at most ${MAX_LISTED} above \`after\`, and what the next one would lock.`,
  params: struct('SubnetsParams', { after: optional(u16), limit: withDefault(u16, 0) }),
  result: {
    type: 'object',
    properties: { lockCost: u64.schema, count: u16.schema, subnets: { type: 'array', items: subnetSchema } },
  },
  run(context, { after, limit }) {
    const { view, slot } = context;
    const most = limit === 0 ? MAX_LISTED : Math.min(limit, MAX_LISTED);
    const listed = netuidsAfter(view, after).slice(0, most);
    return {
      lockCost: lockCost(view, readParameters(view), slot).toString(),
      count: subnetsCell.get(view).alive,
      subnets: listed.map((netuid) => describeSubnet(context, netuid, subnets.get(view, netuid)!)),
    };
  },
});

export const subnetQuery = defineQuery({
  name: 'subnets_get',
  help: 'One subnet with its hyperparameters, price and next epoch; null when it does not exist.',
  params: struct('SubnetParams', { netuid: u16 }),
  result: { anyOf: [subnetSchema, { type: 'null' }] },
  run(context, { netuid }) {
    const subnet = subnets.get(context.view, netuid);
    return subnet === undefined ? null : describeSubnet(context, netuid, subnet);
  },
});

export const metagraphQuery = defineQuery({
  name: 'subnets_metagraph',
  help: 'A subnet and all its neurons in one call; u16 results are proportions of 65535. Null when it does not exist.',
  params: struct('MetagraphParams', { netuid: u16, weights: withDefault(bool, false) }),
  result: { anyOf: [metagraphSchema, { type: 'null' }] },
  run(context, { netuid, weights }) {
    const subnet = subnets.get(context.view, netuid);
    return subnet === undefined ? null : describeMetagraph(context, netuid, subnet, weights);
  },
});

export const hyperparametersQuery = defineQuery({
  name: 'subnets_hyperparameters',
  help: 'Name, unit, bounds and source of every hyperparameter of a subnet.',
  params: noParams,
  result: {
    type: 'array',
    items: {
      type: 'object',
      properties: {
        name: { type: 'string' },
        unit: { type: 'string' },
        initial: u64.schema,
        min: u64.schema,
        max: u64.schema,
        source: { type: 'string' },
        help: { type: 'string' },
      },
    },
  },
  run({ view }) {
    const parameters = readParameters(view);
    return HYPERPARAMETER_NAMES.map((name) => {
      const { unit, initial, initialFrom, min, minFrom, max, source, help } = HYPERPARAMETERS[name];
      return {
        name,
        unit,
        initial: (initialFrom === undefined ? initial : parameters[initialFrom]).toString(),
        min: (minFrom === undefined ? min : parameters[minFrom]).toString(),
        max: max.toString(),
        source,
        help,
      };
    });
  },
});
