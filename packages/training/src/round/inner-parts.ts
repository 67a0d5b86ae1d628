import type { TensorTable, TrainingBatch } from '@cairn/protocol';

/** The optimiser of inner steps, its moments in the open so that they can be hashed, kept and put back. */
export interface InnerOptimiser {
  readonly firstMoments: TensorTable;
  readonly secondMoments: TensorTable;
  /** Steps since its moments were zero. */
  readonly taken: number;
  /**
   * One step, in place.
   *
   * @param step inner steps of the run before this one, which decides the learning rate.
   */
  step(parameters: TensorTable, gradients: TensorTable, step: number): void;
  /** Moments and steps to zero, as at the start of every round of an exact run. */
  reset(): void;
  /** Takes over moments that were kept. Copies them. */
  restore(moments: {
    readonly firstMoments: TensorTable;
    readonly secondMoments: TensorTable;
    readonly taken: number;
  }): void;
}

/** The data of one trainer in one round. The same step gives the same batch, always. */
export interface RoundSampler {
  batch(step: number): TrainingBatch | Promise<TrainingBatch>;
}
