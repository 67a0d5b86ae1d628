import type { TensorShape, TensorTable } from '@cairn/protocol';
import { createAdamw } from '../optimise/adamw.ts';
import { learningRateAt } from '../optimise/schedule.ts';
import type { InnerOptimiser } from '../round/inner-parts.ts';
import type { RunPlan } from './run-plan.ts';

/**
 * AdamW with the schedule of a run.
 *
 * @param halvings how often the ledger halved the learning rate of the run.
 */
export function createInnerOptimiser(
  { adamw, schedule }: Pick<RunPlan, 'adamw' | 'schedule'>,
  tensors: readonly TensorShape[],
  halvings: number,
): InnerOptimiser {
  const optimiser = createAdamw(tensors, adamw);
  let before = 0;
  const share = 2 ** -halvings;
  return {
    firstMoments: optimiser.moments.first,
    secondMoments: optimiser.moments.second,
    get taken() {
      return before + optimiser.steps;
    },
    step: (parameters, gradients, step) => {
      optimiser.update(parameters, gradients, learningRateAt(schedule, step) * share);
    },
    reset() {
      before = 0;
      optimiser.reset();
    },
    restore(kept) {
      optimiser.reset();
      before = kept.taken;
      copy(optimiser.moments.first, kept.firstMoments);
      copy(optimiser.moments.second, kept.secondMoments);
    },
  };
}

function copy(into: TensorTable, from: TensorTable): void {
  for (const [name, values] of into) values.set(from.get(name)!);
}
