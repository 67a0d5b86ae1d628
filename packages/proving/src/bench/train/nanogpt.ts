import { honestTrainers } from '../../training/twin-run.ts';
import { readCharacters, wholeLoss } from './characters.ts';
import { firstWeights, type Learner, openEngine, trainAlone } from './learner.ts';
import { batchOf, DILOCO, trainTogether } from './together.ts';

export const NANOGPT_PARTS = ['single', 'four', 'fourEqualTokens'] as const;
export type NanogptPart = (typeof NANOGPT_PARTS)[number];

/** Trainers of the parts that have several. */
const TRAINERS = 4;

/**
 * nanoGPT's recipe for a processor (`train_shakespeare_char.py` as its README calls it): characters, 4 layers,
 * 4 heads, 128 channels, context 64, 12 rows, 2,000 steps. The architecture is a llama's and the learning rate our own.
 *
 * @see https://github.com/karpathy/nanoGPT, "I only have a macbook", which reports a validation loss of 1.88
 */
export const NANOGPT_RECIPE = {
  model: {
    architecture: 'llama',
    layers: 4,
    width: 128,
    heads: 4,
    kvHeads: 4,
    hidden: 352,
    context: 64,
    tied: true,
  },
  rows: 12,
  length: 64,
  steps: 2_000,
  learningRate: 3e-3,
  warmup: 100,
  /** Inner steps of a round, where several train together. */
  innerSteps: 20,
} as const;

/** One part with one seed. */
export interface NanogptRun {
  readonly part: NanogptPart;
  readonly seed: number;
  /** Steps of each trainer. */
  readonly steps: number;
  /** Over the whole validation split, nats per character. */
  readonly valLoss: number;
  /** Uploaded by all trainers together; 0 alone. */
  readonly bytes: number;
  readonly seconds: number;
}

export interface NanogptOptions {
  readonly text: string;
  readonly seeds: number;
  /** @default all */
  readonly parts?: readonly NanogptPart[];
  /** @default 2_000 */
  readonly steps?: number;
  readonly threads: number;
  /** Runs of earlier calls, which are not made again. */
  readonly known?: readonly NanogptRun[];
  readonly onRun?: (run: NanogptRun) => void;
  readonly onProgress?: (what: string, done: number, total: number) => void;
}

/** What the parts reached, beside what is promised of them. */
export interface NanogptSummary {
  /** Mean over seeds; null for a part that was not run. */
  readonly valLoss: number | null;
  readonly seeds: readonly number[];
  readonly losses: readonly number[];
  readonly target: number | null;
}

/** Trains every part with every seed that is not known yet. */
export async function measureNanogpt(options: NanogptOptions): Promise<NanogptRun[]> {
  const { seeds, parts = NANOGPT_PARTS, steps = NANOGPT_RECIPE.steps, threads, onRun, onProgress } = options;
  const text = readCharacters(options.text);
  const runs = [...(options.known ?? [])];
  for (const part of NANOGPT_PARTS.filter((name) => parts.includes(name))) {
    const learner = learnerOf(
      text,
      part === 'fourEqualTokens' ? NANOGPT_RECIPE.rows / TRAINERS : NANOGPT_RECIPE.rows,
      steps,
    );
    await using engine = await openEngine(learner, threads);
    for (let seed = 1; seed <= seeds; seed += 1) {
      if (runs.some((run) => run.part === part && run.seed === seed && run.steps === steps)) continue;
      const started = performance.now();
      const weights = firstWeights(engine, seed);
      const tell = (done: number, total: number): void => onProgress?.(`${part}, seed ${seed}`, done, total);
      let [trained, bytes] = [weights, 0];
      if (part === 'single')
        trained = await trainAlone(
          engine,
          learner.optimiser,
          weights,
          (step) => [batchOf(learner, seed, 0, step)],
          (step) => tell(step + 1, steps),
        );
      else {
        const { innerSteps } = NANOGPT_RECIPE;
        const how = { ...DILOCO, innerSteps, isReset: false, trainers: honestTrainers(TRAINERS) };
        const outcome = await trainTogether(engine, learner, weights, how, seed, tell);
        trained = outcome.state.weights;
        bytes = outcome.bytes;
      }
      const valLoss = await wholeLoss(engine, trained, text.validation, learner.batch);
      const run = { part, seed, steps, valLoss, bytes, seconds: (performance.now() - started) / 1_000 };
      runs.push(run);
      onRun?.(run);
    }
  }
  return runs;
}

function learnerOf(text: Learner['text'], rows: number, steps: number): Learner {
  const { model, length, learningRate, warmup } = NANOGPT_RECIPE;
  return {
    text,
    model,
    batch: { rows, length },
    optimiser: {
      adamw: { beta2: 0.99 },
      schedule: {
        kind: 'cosine',
        peak: learningRate,
        minimum: learningRate / 20,
        warmup: Math.min(warmup, steps / 10),
        steps,
      },
    },
  };
}

/** Means over seeds of the runs with so many steps, and what is promised. */
export function summariseNanogpt(
  runs: readonly NanogptRun[],
  steps: number = NANOGPT_RECIPE.steps,
): Record<NanogptPart, NanogptSummary> {
  const of = (part: NanogptPart, target: number | null): NanogptSummary => {
    const own = runs.filter((run) => run.part === part && run.steps === steps);
    const losses = own.map(({ valLoss }) => valLoss);
    const valLoss = losses.length === 0 ? null : losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
    return { valLoss, seeds: own.map(({ seed }) => seed), losses, target };
  };
  const single = of('single', 1.88);
  const margin = 0.04;
  return {
    single,
    four: of('four', 1.8),
    fourEqualTokens: of('fourEqualTokens', single.valLoss === null ? null : single.valLoss + margin),
  };
}
