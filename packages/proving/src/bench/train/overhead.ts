import { createNativeCrypto } from '@cairn/chain';
import type { TrainingEngine } from '@cairn/protocol';
import {
  applyRound,
  createInnerOptimiser,
  decodeUpdate,
  emptyResidual,
  makeUpdate,
  type StateHasher,
  trainRound,
  type UpdateCodec,
} from '@cairn/training';
import { createHashingThread } from '@cairn/training/node';
import { rootOf } from '../../training/simulate-run.ts';
import { twinText } from '../../training/twin-data.ts';
import { type BenchFigure, figureOf } from '../figure.ts';
import { randomBatch } from './characters.ts';
import { firstWeights, openEngine } from './learner.ts';

/** The reference model: 3.3 million weights. */
const REFERENCE_MODEL = {
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
const NAME = `round overhead at H = ${STEPS}`;

/**
 * What a round of 30 steps costs beside the steps: making the update, reading four and applying them, hashing the new
 * weights, and in an exact run hashing every state for the trace. With the engine for ordinary runs, where steps are
 * shortest. Rounds with and without a trace take turns.
 *
 * States are hashed on a thread beside the steps, which may make these longer: against a round with a trace count the
 * steps of the one without. Its time is low where a core is free for that thread; its processor time is spent anyway.
 */
export async function benchOverhead(
  { rounds = 5, threads = 1 }: { readonly rounds?: number; readonly threads?: number } = {},
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
  await using hasher = createHashingThread();
  const percents = { plain: [] as number[], traced: [] as number[], tracedCpu: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    // Which comes first changes, so that neither gains by its place.
    const isTracedFirst = round % 2 === 1;
    const first = await measureRound(engine, learner, round, isTracedFirst ? hasher : null);
    const second = await measureRound(engine, learner, round, isTracedFirst ? null : hasher);
    const [plain, traced] = isTracedFirst ? [second, first] : [first, second];
    percents.plain.push((100 * plain.besideMs) / plain.stepsMs);
    const longerMs = STEPS * (traced.stepMs - plain.stepMs);
    percents.traced.push((100 * (traced.besideMs + longerMs)) / (STEPS * plain.stepMs));
    percents.tracedCpu.push(100 * (traced.cpuMs / plain.stepsCpuMs - 1));
    onRound?.(round + 1, rounds);
  }
  return [
    figureOf(NAME, '% of the steps', percents.plain, TARGET_PERCENT),
    figureOf(`${NAME}, with a step trace`, '% of the steps', percents.traced, TARGET_PERCENT),
    figureOf(`${NAME}, with a step trace, processor time`, '% of the steps', percents.tracedCpu),
  ];
}

/** Milliseconds of a round. */
interface MeasuredRound {
  /** All steps. */
  readonly stepsMs: number;
  /** The median step. */
  readonly stepMs: number;
  /** Everything else. */
  readonly besideMs: number;
  /** Processor time of the round, on all threads of this process. */
  readonly cpuMs: number;
  /** Of that, while the steps were made. */
  readonly stepsCpuMs: number;
}

async function measureRound(
  engine: TrainingEngine,
  learner: Parameters<typeof openEngine>[0],
  round: number,
  hasher: StateHasher | null,
): Promise<MeasuredRound> {
  const crypto = createNativeCrypto();
  const codec: UpdateCodec = { kind: 'sparse', kept: 64 };
  const table = engine.tensors;
  const weights = firstWeights(engine, 1);
  const steps = createStopwatch(engine);
  const inner = createInnerOptimiser(learner.optimiser, table, 0, hasher?.allocate);
  const begun = now();
  const { progress } = await trainRound(
    {
      engine: steps.engine,
      optimiser: {
        ...inner,
        get taken() {
          return inner.taken;
        },
        step: (...input) => steps.change(() => inner.step(...input)),
      },
      sampler: { batch: (step) => randomBatch(learner.text.training, round * STEPS + step, learner.batch) },
      clock: { nowMs: () => performance.now() },
      turn: () => new Promise((resolve) => setImmediate(resolve)),
      ...(hasher === null ? {} : { hasher }),
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
  const whole = since(begun);
  const stepsMs = steps.made.reduce((sum, { ms }) => sum + ms, 0);
  return {
    stepsMs,
    stepMs: figureOf(
      'step',
      'ms',
      steps.made.map(({ ms }) => ms),
    ).value,
    besideMs: whole.ms - stepsMs,
    cpuMs: whole.cpuMs,
    stepsCpuMs: steps.made.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
  };
}

interface Moment {
  readonly ms: number;
  readonly cpuMs: number;
}

function now(): Moment {
  const { user, system } = process.cpuUsage();
  return { ms: performance.now(), cpuMs: (user + system) / 1_000 };
}

function since(begun: Moment): Moment {
  const { ms, cpuMs } = now();
  return { ms: ms - begun.ms, cpuMs: cpuMs - begun.cpuMs };
}

/** Times the two halves of each step: gradients, and the change of the weights. */
function createStopwatch(engine: TrainingEngine) {
  const made: Moment[] = [];
  const timed: TrainingEngine = {
    engineClass: engine.engineClass,
    isExact: engine.isExact,
    tensors: engine.tensors,
    loss: (...input) => engine.loss(...input),
    async step(...input) {
      const begun = now();
      const step = await engine.step(...input);
      made.push(since(begun));
      return step;
    },
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
  return {
    /** One for each step. */
    made,
    engine: timed,
    change(change: () => void): void {
      const begun = now();
      change();
      const [gradients, weights] = [made.pop()!, since(begun)];
      made.push({ ms: gradients.ms + weights.ms, cpuMs: gradients.cpuMs + weights.cpuMs });
    },
  };
}
