import type { Parameters } from '../parameters/table.ts';
import { HYPERPARAMETER_NAMES, HYPERPARAMETERS } from './hyperparameter-table.ts';
import type { HyperparameterName, Hyperparameters } from './hyperparameters.ts';

/** A hyperparameter and its new value, as a message carries it. */
export interface HyperparameterChange {
  readonly name: string;
  readonly value: bigint;
}

/** Why a change was refused. */
export interface HyperparameterRefusal {
  readonly name: string;
  readonly reason: string;
}

/** Hyperparameters of a new subnet. */
export function initialHyperparameters(parameters: Parameters): Hyperparameters {
  const values = HYPERPARAMETER_NAMES.map((name): HyperparameterChange => {
    const { initial, initialFrom } = HYPERPARAMETERS[name];
    return { name, value: initialFrom === undefined ? initial : parameters[initialFrom] };
  });
  const next = assign({} as Hyperparameters, values);
  return {
    ...next,
    activityCutoffSlots: Math.max(next.activityCutoffSlots, next.tempo),
    weightsRateLimitSlots: Math.min(next.weightsRateLimitSlots, next.tempo >> 1),
  };
}

/** The hyperparameters after some changes, or the first thing that is wrong with them. */
export function changeHyperparameters(
  current: Hyperparameters,
  changes: readonly HyperparameterChange[],
  parameters: Parameters,
): { readonly next: Hyperparameters } | { readonly refused: HyperparameterRefusal } {
  for (const { name, value } of changes) {
    if (!Object.hasOwn(HYPERPARAMETERS, name)) return { refused: { name, reason: 'there is no such one' } };
    const { min, minFrom, max } = HYPERPARAMETERS[name as HyperparameterName];
    const least = minFrom === undefined ? min : parameters[minFrom];
    if (value < least || value > max) {
      return { refused: { name, reason: `${value} is outside ${least}…${max}` } };
    }
  }
  const next = assign(current, changes);
  const refused = findContradiction(next);
  return refused === null ? { next } : { refused };
}

function findContradiction(next: Hyperparameters): HyperparameterRefusal | null {
  if (next.alphaLow > next.alphaHigh)
    return { name: 'alphaHigh', reason: `${next.alphaHigh} is below alphaLow ${next.alphaLow}` };
  if (next.burnMin > next.burnMax)
    return { name: 'burnMax', reason: `${next.burnMax} is below burnMin ${next.burnMin}` };
  if (next.activityCutoffSlots < next.tempo)
    return {
      name: 'activityCutoffSlots',
      reason: `${next.activityCutoffSlots} is below the tempo ${next.tempo}`,
    };
  if (next.weightsRateLimitSlots > next.tempo >> 1)
    return {
      name: 'weightsRateLimitSlots',
      reason: `${next.weightsRateLimitSlots} is more than half the tempo ${next.tempo}`,
    };
  return null;
}

function assign(current: Hyperparameters, changes: readonly HyperparameterChange[]): Hyperparameters {
  const values = changes.map(({ name, value }) => [
    name,
    HYPERPARAMETERS[name as HyperparameterName].unit === 'pebbles' ? value : Number(value),
  ]);
  return { ...current, ...(Object.fromEntries(values) as Partial<Hyperparameters>) };
}
