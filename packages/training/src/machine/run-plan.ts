import type { Decimal, RunManifest, TensorShape } from '@cairn/protocol';
import type { OuterRule } from '../aggregate/outer-step.ts';
import { modelTensors } from '../compute/model/tensors.ts';
import { TrainingError } from '../errors.ts';
import type { AdamwOptions } from '../optimise/adamw.ts';
import type { ScheduleOptions } from '../optimise/schedule.ts';
import { BLOCK_VALUES, type UpdateCodec } from '../update/format.ts';

/** A manifest as what the steps of a run are made with. */
export interface RunPlan {
  readonly manifest: RunManifest;
  readonly table: readonly TensorShape[];
  readonly codec: UpdateCodec;
  readonly rule: OuterRule;
  /** Share of what was not sent that is kept for the next update (β). */
  readonly decay: number;
  readonly adamw: AdamwOptions;
  readonly schedule: ScheduleOptions;
  readonly isExact: boolean;
  /** Whether states are hashed after each step: where engines may differ nobody could make the same. */
  readonly isTraced: boolean;
  /** Whether each trainer keeps Adam's moments from round to round. */
  readonly keepsMoments: boolean;
}

/** Reads the numbers of a manifest that has no fault. @throws TrainingError `ROUND_UNUSABLE` for blocks of another size */
export function planOf(manifest: RunManifest): RunPlan {
  const { inner, outer, model, rounds } = manifest;
  if (outer.type === 'sparse' && outer.block !== BLOCK_VALUES) {
    const reason = `its updates are cut into blocks of ${outer.block}, and ${BLOCK_VALUES} are known`;
    throw new TrainingError({ code: 'ROUND_UNUSABLE', reason }, `This run cannot be trained: ${reason}.`);
  }
  const peak = numberOf(inner.learningRate);
  return {
    manifest,
    table: modelTensors(model),
    codec: outer.type === 'sparse' ? { kind: 'sparse', kept: outer.k } : { kind: 'dense' },
    rule:
      outer.type === 'sparse'
        ? { kind: 'sparse', learningRate: numberOf(outer.learningRate) }
        : { kind: 'dense', learningRate: numberOf(outer.learningRate), momentum: numberOf(outer.momentum) },
    decay: outer.type === 'sparse' ? numberOf(outer.decay) : 0,
    adamw: {
      beta1: numberOf(inner.beta1),
      beta2: numberOf(inner.beta2),
      epsilon: numberOf(inner.epsilon),
      weightDecay: numberOf(inner.weightDecay),
      clip: numberOf(inner.clip),
    },
    schedule: {
      kind: inner.schedule,
      peak,
      minimum: numberOf(inner.minimum),
      warmup: inner.warmup,
      steps: Math.max(1, rounds) * inner.steps,
    },
    isExact: manifest.engine === 'exact',
    isTraced: manifest.engine === 'exact',
    keepsMoments: inner.keepsMoments === true,
  };
}

/** The double nearest to a decimal, which every engine finds. */
const numberOf = (decimal: Decimal): number => Number(decimal);
