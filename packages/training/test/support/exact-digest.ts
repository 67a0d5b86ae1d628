import { bytesToHex, type Crypto } from '@cairn/core';
import {
  createAdamw,
  createExactEngine,
  createInitialWeights,
  type ExactEngineParts,
  learningRateAt,
  type ModelConfig,
} from '@cairn/training';
import { someBatch, TINY_GPT2 } from './models.ts';

const LLAMA: ModelConfig = {
  ...{ architecture: 'llama', layers: 2, width: 64, heads: 4, kvHeads: 2 },
  ...{ hidden: 176, vocab: 128, context: 64, tied: true },
};

/** What a training run leaves: the engine's class, and a hash over losses, parameters and moments. */
export interface ExactDigest {
  readonly engineClass: string;
  readonly losses: readonly number[];
  readonly hash: string;
}

/** Trains two small models for some steps. Every machine that runs it has the same answer. */
export async function exactDigests(parts: ExactEngineParts): Promise<ExactDigest[]> {
  const digests: ExactDigest[] = [];
  for (const [model, shape] of [
    [LLAMA, { rows: 3, length: 37 }],
    [TINY_GPT2, { rows: 2, length: 12 }],
  ] as const) {
    await using engine = await createExactEngine(parts, { model, ...shape });
    const parameters = createInitialWeights(parts.crypto, Uint8Array.of(21), engine.tensors);
    const adamw = createAdamw(engine.tensors);
    const losses: number[] = [];
    for (let step = 0; step < 5; step += 1) {
      const batch = someBatch({ ...shape, vocab: model.vocab }, { seed: step + 1, weighted: true });
      const { loss, gradients } = await engine.step(parameters, batch);
      losses.push(loss);
      const schedule = { kind: 'cosine', peak: 3e-3, warmup: 2, steps: 5 } as const;
      adamw.update(parameters, gradients, learningRateAt(schedule, step));
    }
    losses.push(await engine.loss(parameters, someBatch({ ...shape, vocab: model.vocab })));
    const tables = [parameters, adamw.moments.first, adamw.moments.second];
    digests.push({
      engineClass: engine.engineClass,
      losses,
      hash: hashOf(
        parts.crypto,
        tables.flatMap((table) => [...table.values()]),
      ),
    });
  }
  return digests;
}

function hashOf(crypto: Pick<Crypto, 'sha256'>, tensors: readonly Float32Array[]): string {
  const bytes = new Uint8Array(tensors.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const { buffer, byteOffset, byteLength } of tensors) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return bytesToHex(crypto.sha256(bytes));
}
