import { u64 } from '@cairn/core';
import { LedgerError } from '../errors.ts';
import { defineTable } from '../state/table.ts';
import type { Overlay, StateView } from '../state/view.ts';
import { PARAMETER_NAMES, PARAMETERS, type ParameterName, type Parameters } from './table.ts';

const values = defineTable('parameters', 'value', u64);

/** All parameters in force; what was never set has its initial value. */
export function readParameters(view: StateView): Parameters {
  return Object.fromEntries(
    PARAMETER_NAMES.map((name) => [name, values.get(view, name) ?? PARAMETERS[name].initial]),
  ) as Parameters;
}

/** @throws LedgerError `GENESIS_INVALID` for an unknown name or a value outside its bounds. */
export function writeParameters(state: Overlay, changed: Readonly<Record<string, bigint>>): void {
  for (const [name, value] of Object.entries(changed)) {
    const definition = Object.hasOwn(PARAMETERS, name) ? PARAMETERS[name as ParameterName] : undefined;
    if (definition === undefined || value < definition.min || value > definition.max) {
      const reason =
        definition === undefined ? 'unknown parameter' : `outside ${definition.min}…${definition.max}`;
      throw new LedgerError({ code: 'GENESIS_INVALID', reason }, `Parameter ${name} = ${value}: ${reason}.`);
    }
    values.set(state, name, value);
  }
}
