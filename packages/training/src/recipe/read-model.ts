import type { ModelShape } from '@cairn/protocol';
import type { Fields } from './fields.ts';

/** A model without its number of tokens, which its tokenizer decides. */
export type ModelRecipe = Omit<ModelShape, 'vocab'>;

export interface BatchRecipe {
  readonly rows: number;
  /** Positions of a row, at most the model's context. */
  readonly length: number;
}

const KEYS = ['architecture', 'layers', 'width', 'heads', 'kvHeads', 'hidden', 'context', 'tied'];

/** @throws TrainingError `RECIPE_MALFORMED` */
export function readModel(recipe: Fields): ModelRecipe {
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
