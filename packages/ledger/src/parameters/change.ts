import type { ParameterDefinition } from './definition.ts';
import { PARAMETERS, type ParameterName, type Parameters, whoChanges } from './table.ts';

/** A parameter and its new value. */
export interface ParameterChange {
  readonly name: string;
  readonly value: bigint;
}

/** What is wrong with a change, and of which parameter. */
export interface ParameterFault {
  readonly name: string;
  readonly reason: string;
}

/** A parameter by name; undefined when there is none. */
export function findParameter(name: string): ParameterDefinition | undefined {
  return Object.hasOwn(PARAMETERS, name) ? PARAMETERS[name as ParameterName] : undefined;
}

/** What is wrong with one value; null when it is a parameter within its bounds. */
export function findValueFault({ name, value }: ParameterChange): ParameterFault | null {
  const definition = findParameter(name);
  if (definition === undefined) return { name, reason: 'unknown parameter' };
  if (value >= definition.min && value <= definition.max) return null;
  return { name, reason: `outside ${definition.min}…${definition.max}` };
}

/** The first thing that is wrong with changes that governance makes together; null when nothing is. */
export function findChangeFault(
  current: Parameters,
  changes: readonly ParameterChange[],
): ParameterFault | null {
  for (const [index, change] of changes.entries()) {
    const { name } = change;
    const fault = findValueFault(change);
    if (fault !== null) return fault;
    if (whoChanges(name as ParameterName) === 'genesis') return { name, reason: 'fixed by genesis' };
    if (changes.slice(0, index).some((other) => other.name === name)) return { name, reason: 'named twice' };
  }
  const next = { ...current, ...Object.fromEntries(changes.map(({ name, value }) => [name, value])) };
  return findContradiction(next);
}

/** Values that cannot stand beside each other; null when all can. */
export function findContradiction({ maxTransactionBytes, maxBlockBytes }: Parameters): ParameterFault | null {
  if (maxTransactionBytes <= maxBlockBytes) return null;
  return {
    name: 'maxTransactionBytes',
    reason: `${maxTransactionBytes} exceeds maxBlockBytes = ${maxBlockBytes}`,
  };
}
