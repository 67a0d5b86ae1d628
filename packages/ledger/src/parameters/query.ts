import { u64 } from '@cairn/core';
import { defineQuery, noParams } from '../execution/query.ts';
import { readParameters } from './state.ts';
import { PARAMETER_NAMES, PARAMETERS, whoChanges } from './table.ts';

const text = { type: 'string' };

export const parametersQuery = defineQuery({
  name: 'parameters_list',
  help: 'Every network parameter: value in force, unit, bounds, source and who may change it.',
  params: noParams,
  result: {
    type: 'array',
    items: {
      type: 'object',
      properties: {
        name: text,
        value: u64.schema,
        unit: text,
        initial: u64.schema,
        min: u64.schema,
        max: u64.schema,
        source: text,
        changedBy: { type: 'string', enum: ['governance', 'genesis'] },
        help: text,
      },
    },
  },
  run({ view }) {
    const values = readParameters(view);
    return PARAMETER_NAMES.map((name) => {
      const { unit, initial, min, max, source, help } = PARAMETERS[name];
      return {
        name,
        value: values[name].toString(),
        unit,
        initial: initial.toString(),
        min: min.toString(),
        max: max.toString(),
        source,
        changedBy: whoChanges(name),
        help,
      };
    });
  },
});
