import { loadSkillModel } from '@cairn/training';
import { anAttacker } from '../../training/attacks.ts';
import { honestTrainers } from '../../training/twin-run.ts';
import { readCharacters, wholeLoss } from './characters.ts';
import { firstWeights, type Learner, openEngine, trainAlone } from './learner.ts';
import { batchOf, DILOCO, sparseLoCo, type Together, trainTogether } from './together.ts';

/** Told as the perplexity of a run whose loss is no number. */
const DIVERGED = 1e12;

/** Runs that are compared, by name. */
const RELATION_RUNS = [
  ...['single', 'ddp4', 'diloco4', 'sparse256x4', 'sparse64x4', 'sparse64x3', 'sparse64x8'],
  ...['ddp4Fast', 'sparse256x4Kept', 'attackedUnprotected', 'attackedClipped', 'attackedProtected'],
] as const;
export type RelationRun =
  | 'single'
  | 'ddp4'
  | 'diloco4'
  | 'sparse256x4'
  | 'sparse64x4'
  | 'sparse64x3'
  | 'sparse64x8'
  /** DDP at the learning rate that suits it best. */
  | 'ddp4Fast'
  /** As `sparse256x4`, with the moments of the optimisers kept from round to round. */
  | 'sparse256x4Kept'
  /** Nobody judges, and no update is cut to the median length. */
  | 'attackedUnprotected'
  /** Nobody judges. */
  | 'attackedClipped'
  | 'attackedProtected';

/** One run of one seed. */
export interface RelationRow {
  readonly run: RelationRun;
  readonly seed: number;
  readonly perplexity: number;
  /** Dense floats in every round over what was uploaded; null where nothing is compressed. */
  readonly compression: number | null;
  /** Share of the attacker's updates that were refused, and of the honest ones; null without a judge. */
  readonly attackerRefused: number | null;
  readonly honestRefused: number | null;
  readonly seconds: number;
}

export interface RelationsOptions {
  readonly text: string;
  readonly seeds: number;
  /** @default 500 */
  readonly steps?: number;
  readonly threads: number;
  /** Rows of earlier calls, which are not made again. */
  readonly known?: readonly RelationRow[];
  readonly onRow?: (row: RelationRow) => void;
  readonly onProgress?: (what: string, done: number, total: number) => void;
}

/** What is compared: a llama of 2 layers that a machine trains in minutes. */
export const RELATIONS_PRESET = {
  model: {
    architecture: 'llama',
    layers: 2,
    width: 64,
    heads: 4,
    kvHeads: 4,
    hidden: 176,
    context: 32,
    tied: true,
  },
  batch: { rows: 8, length: 32 },
  steps: 500,
  /** The learning rate at the end, as a share of the highest. */
  minimum: 3e-4,
  /** H. Moments start at zero in each round, as in exact runs, unless a run says otherwise. */
  innerSteps: 5,
  /** One for all, so that the ways to train together are compared and not their rates. */
  learningRate: 3e-3,
  /** Best of 0.003, 0.006 and 0.01 for DDP in 500 steps of seed 1: a mean of four gradients bears longer steps. */
  fastLearningRate: 6e-3,
  /** For all. Short memories suit moments that restart after five steps; moments that are kept lose nothing by them. */
  adamw: { beta1: 0.5, beta2: 0.5 },
} as const;

/** Trains every run that is not known yet, seed after seed. With the preset 24,000 small steps a seed. */
export async function measureRelations(options: RelationsOptions): Promise<RelationRow[]> {
  const { seeds, threads, onRow, onProgress } = options;
  const steps = options.steps ?? RELATIONS_PRESET.steps;
  const text = readCharacters(options.text);
  const learnerFor = (run: RelationRun): Learner => ({
    text,
    model: RELATIONS_PRESET.model,
    batch: RELATIONS_PRESET.batch,
    optimiser: {
      adamw: RELATIONS_PRESET.adamw,
      schedule: {
        kind: 'cosine',
        peak: run === 'ddp4Fast' ? RELATIONS_PRESET.fastLearningRate : RELATIONS_PRESET.learningRate,
        minimum: RELATIONS_PRESET.minimum,
        warmup: Math.min(50, steps / 10),
        steps,
      },
    },
  });
  await using engine = await openEngine(learnerFor('single'), threads);
  const rows = [...(options.known ?? [])];
  const together = await runsTogether();
  for (let seed = 1; seed <= seeds; seed += 1)
    for (const run of RELATION_RUNS as readonly RelationRun[]) {
      if (rows.some((row) => row.run === run && row.seed === seed)) continue;
      const started = performance.now();
      const weights = firstWeights(engine, seed);
      const name = `${run}, seed ${seed}`;
      const learner = learnerFor(run);
      let [trained, bytes, rounds] = [weights, 0, 0];
      let judged: { attackerRefused: number | null; honestRefused: number | null } = {
        attackerRefused: null,
        honestRefused: null,
      };
      if (run === 'single' || run === 'ddp4' || run === 'ddp4Fast') {
        const places = run === 'single' ? [0] : [0, 1, 2, 3];
        trained = await trainAlone(
          engine,
          learner.optimiser,
          weights,
          (step) => places.map((trainer) => batchOf(learner, seed, trainer, step)),
          (step) => onProgress?.(name, step + 1, steps),
        );
      } else {
        const how = together[run];
        const outcome = await trainTogether(engine, learner, weights, how, seed, (done, total) => {
          rounds = (done / how.innerSteps) * how.trainers.length;
          onProgress?.(name, done, total);
        });
        trained = outcome.state.weights;
        bytes = outcome.bytes;
        judged = refusedOf(outcome.judged.flat());
      }
      const loss = await wholeLoss(engine, trained, learner.text.validation, learner.batch);
      const values = Array.from(weights.values()).reduce((sum, { length }) => sum + length, 0);
      const row: RelationRow = {
        run,
        seed,
        perplexity: Number.isFinite(loss) ? Math.min(DIVERGED, Math.exp(loss)) : DIVERGED,
        compression: bytes === 0 ? null : (values * 4 * rounds) / bytes,
        ...judged,
        seconds: (performance.now() - started) / 1_000,
      };
      rows.push(row);
      onRow?.(row);
    }
  return rows;
}

async function runsTogether(): Promise<
  Record<Exclude<RelationRun, 'single' | 'ddp4' | 'ddp4Fast'>, Together>
> {
  const { innerSteps } = RELATIONS_PRESET;
  const rounds = { innerSteps, isReset: true };
  const attacked = [...honestTrainers(3), anAttacker('sign-flip')];
  return {
    diloco4: { ...DILOCO, ...rounds, trainers: honestTrainers(4) },
    sparse256x4: { ...sparseLoCo(256), ...rounds, trainers: honestTrainers(4) },
    sparse256x4Kept: { ...sparseLoCo(256), ...rounds, isReset: false, trainers: honestTrainers(4) },
    sparse64x4: { ...sparseLoCo(64), ...rounds, trainers: honestTrainers(4) },
    sparse64x3: { ...sparseLoCo(64), ...rounds, trainers: honestTrainers(3) },
    sparse64x8: { ...sparseLoCo(64), ...rounds, trainers: honestTrainers(8) },
    attackedUnprotected: { ...sparseLoCo(64), ...rounds, trainers: attacked, isClipped: false },
    attackedClipped: { ...sparseLoCo(64), ...rounds, trainers: attacked },
    attackedProtected: { ...sparseLoCo(64), ...rounds, trainers: attacked, rate: await loadSkillModel() },
  };
}

function refusedOf(judged: readonly { readonly trainer: string; readonly isAccepted: boolean }[]) {
  const shareOf = (isMeant: (trainer: string) => boolean): number | null => {
    const own = judged.filter(({ trainer }) => isMeant(trainer));
    return own.length === 0 ? null : own.filter(({ isAccepted }) => !isAccepted).length / own.length;
  };
  return {
    attackerRefused: shareOf((trainer) => trainer === 'sign-flip'),
    honestRefused: shareOf((trainer) => trainer !== 'sign-flip'),
  };
}

/** A relation that is promised between perplexities, and whether every seed keeps it. */
export interface Relation {
  readonly relation: string;
  /** Left side over right side, one for each seed. */
  readonly ratios: readonly number[];
  /** The ratio is at most this; at least, where `isFloor`. Null: measured, and nothing promised. */
  readonly bound: number | null;
  readonly isFloor: boolean;
  /** Null where nothing is promised. */
  readonly holds: boolean | null;
}

const RELATIONS: readonly [
  relation: string,
  left: RelationRun,
  right: RelationRun,
  bound: number | null,
  isFloor?: boolean,
][] = [
  ['DiLoCo x4 ≤ 1.05 × DDP x4', 'diloco4', 'ddp4', 1.05],
  ['Sparse k=256 x4 ≤ 1.05 × DDP x4', 'sparse256x4', 'ddp4', 1.05],
  ['Sparse k=64 x4 ≤ 0.96 × single', 'sparse64x4', 'single', 0.96],
  ['8 trainers < 4', 'sparse64x8', 'sparse64x4', 1],
  ['4 trainers < 3', 'sparse64x4', 'sparse64x3', 1],
  ['3 trainers < single', 'sparse64x3', 'single', 1],
  ['DiLoCo x4, against DDP x4 at its own best rate', 'diloco4', 'ddp4Fast', null],
  ['Sparse k=256 x4, against DDP x4 at its own best rate', 'sparse256x4', 'ddp4Fast', null],
  ['moments restarted, against kept (k=256 x4)', 'sparse256x4', 'sparse256x4Kept', null],
  ['attacked, unprotected: destroyed (≥ 2 × honest)', 'attackedUnprotected', 'sparse64x3', 2, true],
  ['attacked, clipped by the median length, nobody judging', 'attackedClipped', 'sparse64x3', null],
  ['attacked, protected ≤ 1.05 × honest only', 'attackedProtected', 'sparse64x3', 1.05],
];

/** The relations of the rows; only seeds that have both sides count. */
export function relationsOf(rows: readonly RelationRow[]): Relation[] {
  const perplexities = (run: RelationRun): Map<number, number> =>
    new Map(rows.filter((row) => row.run === run).map(({ seed, perplexity }) => [seed, perplexity]));
  return RELATIONS.map(([relation, left, right, bound, isFloor = false]) => {
    const divisors = perplexities(right);
    const ratios = Array.from(perplexities(left))
      .filter(([seed]) => divisors.has(seed))
      .map(([seed, perplexity]) => perplexity / divisors.get(seed)!);
    const keeps = (ratio: number): boolean => bound === null || (isFloor ? ratio >= bound : ratio <= bound);
    const holds = bound === null ? null : ratios.length > 0 && ratios.every(keeps);
    return { relation, ratios, bound, isFloor, holds };
  });
}
