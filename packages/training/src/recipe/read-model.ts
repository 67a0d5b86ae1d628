import type { ModelShape } from '@cairn/protocol';
import type { Fields } from './fields.ts';

/** A model without its number of tokens, which its tokenizer decides. */
export type ModelRecipe = Omit<ModelShape, 'vocab'>;

export interface BatchRecipe {
  readonly rows: number;
  /** Positions of a row, at most the model's context. */
  readonly length: number;
}

const KEYS = [
  'architecture',
  'layers',
  'width',
  'heads',
  'kvHeads',
  'hidden',
  'context',
  'tied',
] as const satisfies readonly (keyof ModelRecipe)[];

/**
 * The model that is trained. One that goes on from a parent has the parent's, and may leave its own out.
 *
 * @param parent the model of the run it goes on from; null: it goes on from none, or that one is not known yet.
 * @throws TrainingError `RECIPE_MALFORMED`
 */
export function readModel(recipe: Fields, parent: ModelRecipe | null): ModelRecipe {
  if (parent !== null && !recipe.has('model')) return modelOfParent(parent);
  const model = readOwnModel(recipe);
  if (parent === null) return model;
  const other = KEYS.find((key) => model[key] !== parent[key]);
  if (other === undefined) return model;
  throw recipe
    .object('model', KEYS)
    .refuse(
      other,
      `is ${model[other]}, and the parent's is ${parent[other]}: leave model out to have all of its`,
    );
}

/** Without what belongs to the tokenizer. */
function modelOfParent(parent: ModelRecipe): ModelRecipe {
  const { architecture, layers, width, heads, kvHeads, hidden, context, tied } = parent;
  return { architecture, layers, width, heads, kvHeads, hidden, context, tied };
}

function readOwnModel(recipe: Fields): ModelRecipe {
  const fields = recipe.object('model', KEYS);
  const architecture = fields.choice('architecture', ['llama', 'gpt2'], 'llama');
  const width = fields.whole('width', 2, 65_536);
  const heads = fields.whole('heads', 1, 1024);
  if (width % heads !== 0) throw fields.refuse('heads', `do not divide the width ${width} evenly`);
  const isLlama = architecture === 'llama';
  if (isLlama && (width / heads) % 2 !== 0)
    throw fields.refuse(
      'heads',
      `leave ${width / heads} numbers to a head; rotary positions need an even count`,
    );
  const kvHeads = fields.whole('kvHeads', 1, heads, heads);
  if (heads % kvHeads !== 0) throw fields.refuse('kvHeads', `do not divide the ${heads} heads evenly`);
  if (!isLlama && kvHeads !== heads) throw fields.refuse('kvHeads', `must equal the ${heads} heads in gpt2`);
  return {
    architecture,
    layers: fields.whole('layers', 1, 512),
    width,
    heads,
    kvHeads,
    hidden: fields.whole('hidden', 1, 262_144, isLlama ? feedForwardOf(width) : 4 * width),
    context: fields.whole('context', 2, 1_048_576),
    tied: fields.flag('tied', true),
  };
}

/** Two thirds of four times the width, as a gated feed-forward part has three matrices, in whole blocks of 32. */
const feedForwardOf = (width: number): number => 32 * Math.ceil((8 * width) / 3 / 32);

/** @throws TrainingError `RECIPE_MALFORMED` */
export function readBatch(recipe: Fields, { context }: ModelRecipe): BatchRecipe {
  const fields = recipe.object('batch', ['rows', 'length']);
  return { rows: fields.whole('rows', 1, 65_536), length: fields.whole('length', 2, context, context) };
}
