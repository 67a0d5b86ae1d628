import { bytesToHex, type Crypto } from '@cairn/core';
import {
  createExactEngine,
  createInnerOptimiser,
  createStateHasher,
  type ExactEngineParts,
  traceRoot,
  trainRound,
} from '@cairn/training';
import { someBatch, someTensors, TINY_LLAMA } from './models.ts';

const SHAPE = { rows: 2, length: 8 };
const STEPS = 4;
const OPTIMISER = { adamw: {}, schedule: { kind: 'cosine', peak: 1e-2, warmup: 2, steps: 12 } } as const;

/**
 * Trains a round for each seed, of four steps of AdamW on a small model, in the exact class: what a trainer does, and
 * what a validator that replays it does.
 *
 * @returns the root of the trace of each, in hex: over the hashes of weights and moments before and after each step
 */
export async function traceRoots(
  parts: ExactEngineParts & { readonly crypto: Crypto },
  seeds: readonly number[],
): Promise<string[]> {
  await using engine = await createExactEngine(parts, { model: TINY_LLAMA, ...SHAPE });
  const roots: string[] = [];
  for (const seed of seeds) {
    const { progress } = await trainRound(
      {
        engine,
        optimiser: createInnerOptimiser(OPTIMISER, engine.tensors),
        sampler: {
          batch: async (step) =>
            someBatch({ ...SHAPE, vocab: TINY_LLAMA.vocab }, { seed: seed * STEPS + step }),
        },
        clock: { nowMs: () => 0 },
        turn: async () => undefined,
        hasher: createStateHasher(parts.crypto.sha256),
      },
      {
        round: 1,
        base: someTensors(engine.tensors, seed),
        steps: STEPS,
        stepsBefore: seed % 8,
        isReset: true,
      },
    );
    roots.push(bytesToHex(traceRoot(parts.crypto, progress.leaves)));
  }
  return roots;
}

export const seedsFrom = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => first + index);
