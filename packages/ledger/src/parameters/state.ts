import { u64 } from '@cairn/core';
import { LedgerError } from '../errors.ts';
import { defineTable } from '../state/table.ts';
import type { Overlay, StateView } from '../state/view.ts';
import { findValueFault, type ParameterChange } from './change.ts';
import { PARAMETER_NAMES, PARAMETERS, type Parameters } from './table.ts';

/** Name → value, of those that were ever set. */
export const parameterValues = defineTable('parameters', 'value', u64);

/** All parameters in force; what was never set has its initial value. */
export function readParameters(view: StateView): Parameters {
  return Object.fromEntries(
    PARAMETER_NAMES.map((name) => [name, parameterValues.get(view, name) ?? PARAMETERS[name].initial]),
  ) as Parameters;
}

/** @throws LedgerError `GENESIS_INVALID` for an unknown name or a value outside its bounds. */
export function writeParameters(state: Overlay, changed: Readonly<Record<string, bigint>>): void {
  for (const [name, value] of Object.entries(changed)) {
    const fault = findValueFault({ name, value });
    if (fault !== null) {
      const { reason } = fault;
      throw new LedgerError({ code: 'GENESIS_INVALID', reason }, `Parameter ${name} = ${value}: ${reason}.`);
    }
    parameterValues.set(state, name, value);
  }
}

/** Makes changes that `findChangeFault` found nothing wrong with: in force from the next block. */
export function changeParameters(state: Overlay, changes: readonly ParameterChange[]): void {
  for (const { name, value } of changes) parameterValues.set(state, name, value);
}
