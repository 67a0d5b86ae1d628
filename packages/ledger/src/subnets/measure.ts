import { optional, struct, text, u16, u32, u64, type ValueOf } from '@cairn/core';

const measureIdShape = struct('MeasureId', {
  /** Id of the program that draws tasks and scores answers, as its manifest names it. */
  id: text(64),
  version: u16,
  /** Version of the form of the evidence bundle. */
  evidenceVersion: u16,
});
export type MeasureId = ValueOf<typeof measureIdShape>;

/** How a mechanism measures, as the owner of the subnet declared it. */
export const measureShape = struct('Measure', {
  current: measureIdShape,
  /** First epoch whose tasks are scored by `current`. */
  fromEpoch: u32,
  /** What held before; null: nothing was declared. */
  previous: optional(measureIdShape),
  declaredSlot: u64,
});
export type Measure = ValueOf<typeof measureShape>;

/** What was declared for an epoch; null: nothing, so that evidence may name any. */
export function measureOf(measure: Measure | null, epoch: number): MeasureId | null {
  if (measure === null) return null;
  return epoch >= measure.fromEpoch ? measure.current : measure.previous;
}
