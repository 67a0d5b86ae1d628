import type { TensorShape } from '@cairn/protocol';
import { createAdamw } from '../optimise/adamw.ts';
import { learningRateAt } from '../optimise/schedule.ts';
import type { InnerOptimiser } from '../round/inner-parts.ts';
import type { Allocate } from '../round/state-hasher.ts';
import type { RunPlan } from './run-plan.ts';

/**
 * AdamW with the schedule of a run.
 *
 * @param halvings how often the ledger halved the learning rate of the run. @default 0
 * @param allocate where the moments lie. @default ordinary memory
 */
export function createInnerOptimiser(
  { adamw, schedule }: Pick<RunPlan, 'adamw' | 'schedule'>,
  tensors: readonly TensorShape[],
  halvings = 0,
  allocate?: Allocate,
): InnerOptimiser {
  const optimiser = createAdamw(tensors, adamw, allocate);
  const share = 2 ** -halvings;
  return {
    firstMoments: optimiser.moments.first,
    secondMoments: optimiser.moments.second,
    get taken() {
      return optimiser.steps;
    },
    step: (parameters, gradients, step) => {
      optimiser.update(parameters, gradients, learningRateAt(schedule, step) * share);
    },
    reset: optimiser.reset,
    restore: ({ firstMoments, secondMoments, taken }) =>
      optimiser.restore({ first: firstMoments, second: secondMoments }, taken),
  };
}
