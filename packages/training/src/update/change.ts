import type { TensorShape, TensorTable } from '@cairn/protocol';
import { TrainingError } from '../errors.ts';
import { FIXED_UNIT, MAX_UNITS } from './format.ts';

/** Whole multiples of 2⁻²⁴ by the name of a tensor. */
export type Units = ReadonlyMap<string, Int32Array>;

export function sizeOf(shape: TensorShape): number {
  return shape.shape.reduce((size, dimension) => size * dimension, 1);
}

/** Nothing left over yet: what a trainer starts with. */
export function emptyResidual(table: readonly TensorShape[]): Units {
  return new Map(table.map((shape) => [shape.name, new Int32Array(sizeOf(shape))]));
}

export interface ChangeOptions {
  /** What earlier updates left unsent. */
  readonly residual?: Units;
  /** Share of the residual that is kept from round to round (β). @default 1 */
  readonly decay?: number;
}

/**
 * What a trainer has to tell after its inner steps: `base − trained`, in units of 2⁻²⁴ rounded half up, and the
 * decayed residual of earlier rounds. The same bits everywhere: only products, differences and rounding.
 *
 * @throws TrainingError `UPDATE_NOT_FINITE` when a weight is no finite number.
 */
export function changeOf(
  table: readonly TensorShape[],
  base: TensorTable,
  trained: TensorTable,
  { residual, decay = 1 }: ChangeOptions = {},
): Map<string, Int32Array> {
  const changes = new Map<string, Int32Array>();
  for (const shape of table) {
    const { name } = shape;
    const from = base.get(name)!;
    const to = trained.get(name)!;
    const units =
      residual === undefined ? new Int32Array(sizeOf(shape)) : decayed(residual.get(name)!, decay);
    let doubt = 0;
    for (let i = 0; i < units.length; i += 1) {
      const exact = Math.floor((from[i]! - to[i]!) * FIXED_UNIT + 0.5);
      doubt += exact * 0;
      units[i] = Math.max(-MAX_UNITS, Math.min(MAX_UNITS, exact + units[i]!));
    }
    // Infinity × 0 and NaN × 0 are NaN: one check for all values.
    if (doubt !== 0) throw notFinite(name);
    changes.set(name, units);
  }
  return changes;
}

function decayed(units: Int32Array, decay: number): Int32Array {
  const kept = new Int32Array(units.length);
  for (let i = 0; i < kept.length; i += 1) kept[i] = Math.floor(units[i]! * decay + 0.5);
  return kept;
}

function notFinite(tensor: string): TrainingError {
  return new TrainingError(
    { code: 'UPDATE_NOT_FINITE', tensor },
    `The weights of ${tensor} are no finite numbers any more. Start the round again from its base with a lower learning rate.`,
  );
}
