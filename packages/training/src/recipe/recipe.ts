import type { ModelShape, RunManifest } from '@cairn/protocol';
import { countParameters, modelTensors } from '../compute/model/tensors.ts';
import { malformed, readFields } from './fields.ts';
import { readData, readTokenizer, type SourceRecipe, type TokenizerRecipe } from './read-data.ts';
import { type BatchRecipe, type ModelRecipe, readBatch, readModel } from './read-model.ts';
import { type InnerRecipe, type OuterRecipe, readInner, readOuter } from './read-optimiser.ts';
import { type ParentRecipe, readParent } from './read-parent.ts';
import { type ReleaseRecipe, readRelease } from './read-release.ts';
import { readTolerance, type ToleranceRecipe } from './read-tolerance.ts';

/** What a person writes to have a model trained: the JSON of examples/training, with what it leaves out filled in. */
export interface Recipe {
  /** `owner/model`, as it will be released. */
  readonly name: string;
  readonly description: string;
  /** What it goes on from; null: random weights. */
  readonly parent: ParentRecipe | null;
  readonly model: ModelRecipe;
  readonly tokenizer: TokenizerRecipe;
  readonly data: readonly SourceRecipe[];
  /** Share of documents kept from training, in 1/1,000. */
  readonly heldOutPermille: number;
  readonly batch: BatchRecipe;
  readonly inner: InnerRecipe;
  readonly outer: OuterRecipe;
  /** Whether every trainer must give equal bits (and can be convicted by replay), or only near ones. */
  readonly engine: 'exact' | 'tolerant';
  /** Of a tolerant run: how its steps are replayed; null: not at all. */
  readonly tolerance: ToleranceRecipe | null;
  /** Whether trainers go on with the next round while the last is shown and settled. */
  readonly overlap: boolean;
  readonly rounds: number;
  readonly checkpointEvery: number;
  /** What the initial weights, the order of the data and the split are drawn from. */
  readonly seed: number;
  readonly release: ReleaseRecipe;
}

const KEYS = [
  'name',
  'description',
  'parent',
  'model',
  'tokenizer',
  'data',
  'heldOutPermille',
  'batch',
  'inner',
  'outer',
  'engine',
  'tolerance',
  'overlap',
  'rounds',
  'checkpointEvery',
  'seed',
  'release',
];

/** Largest file of a recipe, in bytes. */
export const MAX_RECIPE_BYTES = 1 << 16;

const MAX_PARAMETERS = 2 ** 40;

/** What a recipe takes over from the run it goes on from. */
export type ParentManifest = Pick<RunManifest, 'model' | 'outer'>;

/** What a recipe goes on from, before the rest of it is read. @throws TrainingError `RECIPE_MALFORMED` */
export function parentOfRecipe(text: string): ParentRecipe | null {
  return readParent(readFields(parseJson(text), '', KEYS));
}

/**
 * @param parent of the run that it goes on from, which `parentOfRecipe` names.
 * @throws TrainingError `RECIPE_MALFORMED` naming the field and what is wrong with it.
 */
export function parseRecipe(text: string, parent?: ParentManifest): Recipe {
  return readRecipe(parseJson(text), parent);
}

function parseJson(text: string): unknown {
  if (text.length > MAX_RECIPE_BYTES) throw malformed('whole', `is larger than ${MAX_RECIPE_BYTES} bytes`);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw malformed('whole', `is not JSON: ${(cause as SyntaxError).message}`);
  }
}

/** As `parseRecipe`, from JSON that is parsed already. @throws TrainingError `RECIPE_MALFORMED` */
export function readRecipe(json: unknown, from?: ParentManifest): Recipe {
  const fields = readFields(json, '', KEYS);
  const name = fields.text('name', 96);
  if (!/^[a-z0-9][a-z0-9._-]{0,46}\/[a-z0-9][a-z0-9._-]{0,47}$/.test(name))
    throw fields.refuse(
      'name',
      'is not owner/model in lower-case letters, digits, dots, dashes and underscores',
    );
  const parent = readParent(fields);
  const known = parent === null ? undefined : from;
  const model = readModel(fields, known?.model ?? null);
  const tokenizer = readTokenizer(fields, parent !== null);
  const batch = readBatch(fields, model);
  const rounds = fields.whole('rounds', 1, 1_000_000);
  const recipe: Recipe = {
    name,
    description: fields.text('description', 400, 'Trained together on Cairn.'),
    parent,
    model,
    tokenizer,
    data: readData(fields),
    heldOutPermille: fields.whole('heldOutPermille', 1, 500, 50),
    batch,
    inner: readInner(fields, rounds),
    outer: readOuter(fields, known?.outer.type ?? null),
    engine: fields.choice('engine', ['exact', 'tolerant'], 'exact'),
    tolerance: readTolerance(fields),
    overlap: fields.flag('overlap', false),
    rounds,
    checkpointEvery: fields.whole('checkpointEvery', 1, rounds, Math.min(10, rounds)),
    seed: fields.whole('seed', 0, 0xffff_ffff, 1),
    release: readRelease(fields),
  };
  const isReplayed = recipe.engine === 'exact' || recipe.tolerance !== null;
  if (recipe.inner.moments === 'keep' && isReplayed)
    throw fields.refuse(
      'inner.moments',
      'is keep, and steps are replayed, which begins without moments; a run that keeps them has "engine": "tolerant" and "tolerance": { "replay": false }',
    );
  if (tokenizer.kind === 'bytes') {
    const parameters = countParameters(modelTensors(modelOf(recipe, tokenizer.vocab)));
    if (parameters > MAX_PARAMETERS)
      throw fields.refuse('model', `has ${parameters} parameters; the most are ${MAX_PARAMETERS}`);
  }
  return recipe;
}

/** The shape of a recipe's model, once its tokenizer says how many tokens there are. */
export function modelOf(recipe: Pick<Recipe, 'model'>, vocab: number): ModelShape {
  return { ...recipe.model, vocab };
}
