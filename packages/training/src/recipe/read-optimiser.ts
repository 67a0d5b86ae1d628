import { MAX_INNER_STEPS } from '@cairn/protocol';
import type { Fields } from './fields.ts';

/** How a trainer steps alone, between two rounds. AdamW. */
export interface InnerRecipe {
  /** Steps of one round. */
  readonly steps: number;
  /** The highest learning rate. */
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Largest norm of a gradient; longer ones are shortened to it. */
  readonly clip: number;
  /** Steps of the whole run over which the learning rate rises. */
  readonly warmup: number;
  /** What the learning rate does then: `wsd` holds it and lets it fall over the last fifth. */
  readonly schedule: 'cosine' | 'wsd' | 'constant';
  /** The learning rate at the end, as a share of the highest. */
  readonly minimum: number;
  /** Whether Adam's moments begin at zero in each round, as a replay of steps needs, or each trainer keeps its own. */
  readonly moments: 'restart' | 'keep';
}

/** How the updates of a round become the next weights. */
export type OuterRecipe =
  | {
      readonly kind: 'sparse';
      /** Numbers kept of each block. */
      readonly k: number;
      readonly block: number;
      /** Share of what was not sent that is kept for the next round. */
      readonly decay: number;
      readonly learningRate: number;
    }
  | { readonly kind: 'dense'; readonly learningRate: number; readonly momentum: number };

const INNER_KEYS = [
  'steps',
  'learningRate',
  'beta1',
  'beta2',
  'epsilon',
  'weightDecay',
  'clip',
  'warmup',
  'schedule',
  'minimum',
  'moments',
];

/** @throws TrainingError `RECIPE_MALFORMED` */
export function readInner(recipe: Fields, rounds: number): InnerRecipe {
  const fields = recipe.object('inner', INNER_KEYS);
  const steps = fields.whole('steps', 1, MAX_INNER_STEPS);
  return {
    steps,
    learningRate: fields.decimal('learningRate', 1e-9, 1),
    beta1: fields.decimal('beta1', 0, 0.99999, 0.9),
    beta2: fields.decimal('beta2', 0, 0.99999, 0.95),
    epsilon: fields.decimal('epsilon', 1e-12, 1e-2, 1e-8),
    weightDecay: fields.decimal('weightDecay', 0, 1, 0.1),
    clip: fields.decimal('clip', 1e-6, 1e6, 1),
    warmup: fields.whole('warmup', 0, steps * rounds, 0),
    schedule: fields.choice('schedule', ['cosine', 'wsd', 'constant'], 'cosine'),
    minimum: fields.decimal('minimum', 0, 1, 0.1),
    moments: fields.choice('moments', ['restart', 'keep'], 'restart'),
  };
}

/**
 * @param parent the rule of the run it goes on from; null: it goes on from none, or that one is not known yet.
 * @throws TrainingError `RECIPE_MALFORMED`
 */
export function readOuter(recipe: Fields, parent: OuterRecipe['kind'] | null): OuterRecipe {
  const all = recipe.object('outer', ['kind', 'k', 'block', 'decay', 'learningRate', 'momentum']);
  const kind = all.choice('kind', ['sparse', 'dense'] as const);
  if (parent !== null && kind !== parent)
    throw all.refuse(
      'kind',
      `is ${kind}, and the parent's is ${parent}: a dense run keeps its momentum beside the weights and a sparse one has none, so a fork has the kind of its parent`,
    );
  if (kind === 'dense') {
    const fields = recipe.object('outer', ['kind', 'learningRate', 'momentum']);
    return {
      kind: 'dense',
      learningRate: fields.decimal('learningRate', 1e-6, 10, 0.7),
      momentum: fields.decimal('momentum', 0, 0.99999, 0.9),
    };
  }
  const fields = recipe.object('outer', ['kind', 'k', 'block', 'decay', 'learningRate']);
  const block = fields.whole('block', 16, 65_536, 4096);
  return {
    kind: 'sparse',
    k: fields.whole('k', 1, block, Math.min(64, block)),
    block,
    decay: fields.decimal('decay', 0, 0.99999, 0.95),
    learningRate: fields.decimal('learningRate', 1e-6, 10, 1),
  };
}
