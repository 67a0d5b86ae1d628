import type { TensorTable } from '@cairn/protocol';
import { type Recipe, readRecipe } from '@cairn/training';
import { type CharacterText, readCharacters, wholeLoss } from './characters.ts';
import { firstWeights, type Learner, openEngine, trainAlone } from './learner.ts';
import { batchOf } from './together.ts';

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
  beta2: 0.99,
  warmup: 100,
  /** The learning rate at the end, as a share of the highest. */
  minimum: 1.5e-4,
  /** Where several train together: how the rounds go. */
  together: {
    /** Moments start at zero in each round, as where steps are replayed. */
    four: {
      innerSteps: 5,
      moments: 'restart',
      outer: { kind: 'dense', learningRate: 0.9, momentum: 0.8 },
    },
    /** Gradients of three rows are noise for the most part: a round must not begin with nothing but them. */
    fourEqualTokens: {
      innerSteps: 4,
      moments: 'keep',
      outer: { kind: 'dense', learningRate: 1, momentum: 0 },
    },
  },
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
  /** Updates that the validator left out, of all that were committed; null alone. */
  readonly refused: { readonly updates: number; readonly of: number } | null;
  readonly seconds: number;
}

/** What several made together of a recipe. */
export interface TrainedTogether {
  readonly weights: TensorTable;
  readonly bytes: number;
  readonly refused: { readonly updates: number; readonly of: number };
}

export interface TrainTogetherTask {
  readonly recipe: Recipe;
  /** What the recipe calls `TRAINING_FILE`. */
  readonly text: string;
  readonly trainers: number;
  /** Threads of each. */
  readonly threads: number;
}

/** Trains a recipe to its last round between peers. */
export type TrainTogether = (
  task: TrainTogetherTask,
  onRound: (done: number, total: number) => void,
) => Promise<TrainedTogether>;

export const TRAINING_FILE = 'training.txt';

export interface NanogptOptions {
  /** In ASCII, where several train together: a token is a byte there, and a character here. */
  readonly text: string;
  readonly seeds: number;
  /** @default all */
  readonly parts?: readonly NanogptPart[];
  /** @default 2_000 */
  readonly steps?: number;
  readonly threads: number;
  readonly together: TrainTogether;
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
  const { seeds, parts = NANOGPT_PARTS, steps = NANOGPT_RECIPE.steps, onRun, onProgress } = options;
  const text = readCharacters(options.text);
  const runs = [...(options.known ?? [])];
  for (const part of NANOGPT_PARTS.filter((name) => parts.includes(name)))
    for (let seed = 1; seed <= seeds; seed += 1) {
      if (runs.some((run) => run.part === part && run.seed === seed && run.steps === steps)) continue;
      const started = performance.now();
      const tell = (done: number, total: number): void => onProgress?.(`${part}, seed ${seed}`, done, total);
      const reached =
        part === 'single'
          ? await runAlone(text, options, steps, seed, tell)
          : await runTogether(text, options, { part, steps, seed }, tell);
      const run = { part, seed, steps, ...reached, seconds: (performance.now() - started) / 1_000 };
      runs.push(run);
      onRun?.(run);
    }
  return runs;
}

type Reached = Pick<NanogptRun, 'valLoss' | 'bytes' | 'refused'>;
type Tell = (done: number, total: number) => void;

async function runAlone(
  text: CharacterText,
  { threads }: NanogptOptions,
  steps: number,
  seed: number,
  tell: Tell,
): Promise<Reached> {
  const learner = learnerOf(text, steps);
  await using engine = await openEngine(learner, threads);
  const trained = await trainAlone(
    engine,
    learner.optimiser,
    firstWeights(engine, seed),
    (step) => [batchOf(learner, seed, 0, step)],
    (step) => tell(step + 1, steps),
  );
  const valLoss = await wholeLoss(engine, trained, text.validation, learner.batch);
  return { valLoss, bytes: 0, refused: null };
}

interface TogetherRun {
  readonly part: Exclude<NanogptPart, 'single'>;
  readonly steps: number;
  readonly seed: number;
}

async function runTogether(
  text: CharacterText,
  { text: whole, threads, together }: NanogptOptions,
  { part, steps, seed }: TogetherRun,
  tell: Tell,
): Promise<Reached> {
  const rows = part === 'fourEqualTokens' ? NANOGPT_RECIPE.rows / TRAINERS : NANOGPT_RECIPE.rows;
  const recipe = recipeOf(part, rows, steps, seed);
  const { length } = text.training;
  const { weights, ...rest } = await together(
    { recipe, text: whole.slice(0, length), trainers: TRAINERS, threads },
    (done, total) => tell(done * recipe.inner.steps, total * recipe.inner.steps),
  );
  // The network's tokenizer knows the mark that ends a text too, and numbers the characters before it as we do.
  const learner = learnerOf({ ...text, vocab: text.vocab + 1 }, steps);
  await using engine = await openEngine(learner, threads);
  return { valLoss: await wholeLoss(engine, weights, text.validation, learner.batch), ...rest };
}

/** What the trainers are given. The judges' held-out text is the end of the training split, not the validation split. */
function recipeOf(part: TogetherRun['part'], rows: number, steps: number, seed: number): Recipe {
  const { model, length, learningRate, beta2, warmup, minimum, together } = NANOGPT_RECIPE;
  const { innerSteps, moments, outer } = together[part];
  const rounds = Math.ceil(steps / innerSteps);
  return readRecipe({
    name: `bench/${part.toLowerCase()}`,
    ...{ model, seed, rounds, outer, engine: 'tolerant' },
    // Steps that begin with moments of rounds before cannot be replayed.
    ...(moments === 'keep' ? { tolerance: { replay: false } } : {}),
    tokenizer: { kind: 'characters' },
    data: [{ path: TRAINING_FILE, kind: 'text', licence: 'CC0-1.0' }],
    heldOutPermille: 5,
    batch: { rows, length },
    inner: {
      steps: innerSteps,
      ...{ moments, learningRate, beta2, minimum },
      ...{ warmup: Math.min(warmup, Math.floor(steps / 10)), schedule: 'cosine' },
    },
    checkpointEvery: Math.min(64, rounds),
    release: { licence: 'CC0-1.0' },
  });
}

function learnerOf(text: CharacterText, steps: number): Learner {
  const { model, rows, length, learningRate, beta2, warmup, minimum } = NANOGPT_RECIPE;
  return {
    text,
    model,
    batch: { rows, length },
    optimiser: {
      adamw: { beta2 },
      schedule: {
        kind: 'cosine',
        peak: learningRate,
        minimum,
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
