import { concatBytes } from '@cairn/core';
import type { TensorShape, TensorTable } from '@cairn/protocol';
import { sizeOf } from '../compute/model/tensors.ts';
import { malformedWeights } from '../weights/pages.ts';
import { readSafetensors, writeSafetensors } from '../weights/safetensors.ts';
import type { LocalProgress } from './local-trainer.ts';

const GROUPS = ['parameters', 'first', 'second'] as const;

/** Training that can be gone on with, as one safetensors file. */
export function writeProgress(tensors: readonly TensorShape[], progress: LocalProgress): Uint8Array {
  const named = GROUPS.flatMap((group) =>
    tensors.map(({ name, shape }) => ({ name: `${group}.${name}`, shape })),
  );
  const values = new Map(
    GROUPS.flatMap((group) =>
      tensors.map(({ name }) => [`${group}.${name}`, progress[group].get(name)!] as const),
    ),
  );
  const metadata = { step: String(progress.step), elapsedMs: String(Math.round(progress.elapsedMs)) };
  return concatBytes(...writeSafetensors(named, values, metadata));
}

/** @throws TrainingError `WEIGHTS_MALFORMED` when it is of another model. */
export function readProgress(tensors: readonly TensorShape[], bytes: Uint8Array): LocalProgress {
  const { weights, metadata } = readSafetensors(bytes);
  const [step, elapsedMs] = [Number(metadata.step), Number(metadata.elapsedMs)];
  if (!Number.isSafeInteger(step) || step < 0 || !(elapsedMs >= 0))
    throw malformedWeights('the file of a paused training does not say where it stopped');
  const take = (group: (typeof GROUPS)[number]): TensorTable =>
    new Map(
      tensors.map(({ name, shape }) => {
        const values = weights.get(`${group}.${name}`);
        if (values?.length !== sizeOf(shape))
          throw malformedWeights('the paused training is of another model');
        return [name, values];
      }),
    );
  return { step, elapsedMs, parameters: take('parameters'), first: take('first'), second: take('second') };
}
