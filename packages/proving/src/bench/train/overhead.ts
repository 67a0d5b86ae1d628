import { createNativeCrypto } from '@cairn/chain';
import type { TrainingEngine } from '@cairn/protocol';
import {
  applyRound,
  createInnerOptimiser,
  decodeUpdate,
  emptyResidual,
  makeUpdate,
  trainRound,
  type UpdateCodec,
} from '@cairn/training';
import { rootOf } from '../../training/simulate-run.ts';
import { twinText } from '../../training/twin-data.ts';
import { type BenchFigure, figureOf } from '../figure.ts';
import { randomBatch } from './characters.ts';
import { firstWeights, openEngine } from './learner.ts';

/** The reference model: 3.3 million weights. */
export const REFERENCE_MODEL = {
  architecture: 'llama',
  layers: 4,
  width: 256,
  heads: 4,
  kvHeads: 4,
  hidden: 704,
  context: 128,
  tied: true,
} as const;
const VOCAB = 512;
const BATCH = { rows: 8, length: 128 } as const;
const STEPS = 30;
const PEERS = 4;
const TARGET_PERCENT = 5;

/**
 * What a round of 30 steps costs beside the steps: hashing every state for the trace, making the update, reading four
 * and applying them, and hashing the new weights. With the engine for ordinary runs, where steps are shortest.
 */
export async function benchOverhead(
  { rounds = 3, threads = 1 }: { readonly rounds?: number; readonly threads?: number } = {},
  onRound?: (done: number, total: number) => void,
): Promise<BenchFigure[]> {
  const text = Int32Array.from(twinText(1, 100_000, VOCAB));
  const optimiser = {
    adamw: {},
    schedule: { kind: 'constant', peak: 1e-3, steps: STEPS * rounds },
  } as const;
  const learner = {
    text: { vocab: VOCAB, training: text, validation: text },
    model: REFERENCE_MODEL,
    batch: BATCH,
    optimiser,
  };
  await using engine = await openEngine(learner, threads);
  const percents: { readonly traced: number[]; readonly plain: number[] } = { traced: [], plain: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const kind of ['traced', 'plain'] as const)
      percents[kind].push(await overheadOf(engine, learner, round, kind === 'traced'));
    onRound?.(round + 1, rounds);
  }
  return [
    figureOf(`round overhead at H = ${STEPS}`, '% of the steps', percents.plain, TARGET_PERCENT),
    figureOf(
      `round overhead at H = ${STEPS}, with a step trace`,
      '% of the steps',
      percents.traced,
      TARGET_PERCENT,
    ),
  ];
}

async function overheadOf(
  engine: TrainingEngine,
  learner: Parameters<typeof openEngine>[0],
  round: number,
  isTraced: boolean,
): Promise<number> {
  const crypto = createNativeCrypto();
  const codec: UpdateCodec = { kind: 'sparse', kept: 64 };
  const table = engine.tensors;
  const weights = firstWeights(engine, 1);
  let stepMs = 0;
  const timed: TrainingEngine = {
    engineClass: engine.engineClass,
    isExact: engine.isExact,
    tensors: table,
    loss: (...input) => engine.loss(...input),
    async step(...input) {
      const before = performance.now();
      const made = await engine.step(...input);
      stepMs += performance.now() - before;
      return made;
    },
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
  const inner = createInnerOptimiser(learner.optimiser, table);
  const started = performance.now();
  const { progress } = await trainRound(
    {
      engine: timed,
      optimiser: {
        ...inner,
        get taken() {
          return inner.taken;
        },
        step(...input) {
          const before = performance.now();
          inner.step(...input);
          stepMs += performance.now() - before;
        },
      },
      sampler: { batch: (step) => randomBatch(learner.text.training, round * STEPS + step, learner.batch) },
      clock: { nowMs: () => performance.now() },
      turn: () => new Promise((resolve) => setImmediate(resolve)),
      ...(isTraced ? { digest: (bytes) => crypto.sha256(bytes) } : {}),
    },
    { round, base: weights, steps: STEPS, stepsBefore: 0, isReset: true },
  );
  const { bytes } = makeUpdate({
    header: { run: new Uint8Array(32), round, base: rootOf(crypto, weights), steps: STEPS },
    codec,
    table,
    base: weights,
    trained: progress.parameters,
    residual: emptyResidual(table),
    decay: 0.95,
  });
  const updates = Array.from({ length: PEERS }, () => decodeUpdate(bytes, codec, table));
  const rule = { kind: 'sparse', learningRate: 1 } as const;
  const { weights: next } = applyRound(table, rule, { weights, momentum: new Map() }, updates);
  rootOf(crypto, next);
  return ((performance.now() - started - stepMs) / stepMs) * 100;
}
