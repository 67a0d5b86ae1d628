import { isAbsolute, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { bytesToHex, type Crypto, utf8ToBytes } from '@cairn/core';
import { encodeRunManifest, type ManifestData, type RunManifest } from '@cairn/protocol';
import {
  countParameters,
  type DataFacts,
  type DataSet,
  exactEngineClass,
  modelOf,
  type PreparedData,
  planOf,
  prepareData,
  type Recipe,
  toleranceClass,
} from '@cairn/training';
import { loadExactParts, readSource } from '@cairn/training/node';
import { NodeError } from '../../errors.ts';
import type { Library } from '../library/library.ts';
import { calibrateRun } from './calibrate-run.ts';
import { checkFork } from './check-fork.ts';
import type { RunParent } from './find-parent.ts';
import { makeFirstWeights, takeFirstWeights } from './first-weights.ts';
import { makeTokenizer } from './make-tokenizer.ts';

export interface MakeRunParts {
  readonly crypto: Crypto;
  readonly library: Library;
  readonly signal?: AbortSignal;
  /** A Python that has PyTorch, for bounds that are measured with it. @default 'python3' */
  readonly python?: string;
  /** What the recipe goes on from, where it names something. */
  readonly parent?: RunParent;
  /** Told what is being done. */
  readonly onStep?: (step: MakeRunStep) => void;
}

export type MakeRunStep = 'parent' | 'tokenizer' | 'data' | 'weights' | 'tolerance' | 'manifest';

/** A run as a recipe makes it, with everything it names in the library. */
export interface MadeRun {
  readonly manifest: RunManifest;
  /** Its bytes, and their SHA-256 in hex. */
  readonly bytes: Uint8Array;
  readonly id: string;
  readonly parameters: number;
  readonly facts: DataFacts;
  /** What it goes on from; null: random weights. */
  readonly parent: RunParent | null;
}

/**
 * Makes everything a run is from a recipe: learns the tokenizer, cuts the data into shards, makes the first weights. Of
 * a run that goes on from another, tokenizer and weights are those of its parent.
 * What it puts into the library belongs to the run named by the manifest's id until a run of the ledger takes it over.
 *
 * @param folder that paths of the recipe are relative to.
 * @throws TrainingError `RECIPE_MALFORMED`, `DATA_MALFORMED`, `TOKENIZER_MALFORMED`, `PACKAGE_MISSING`, `ENGINE_FAILED`;
 * NodeError `LIBRARY_FULL`, and those of `checkFork` and of bringing a parent
 */
export async function makeRun(parts: MakeRunParts, recipe: Recipe, folder: string): Promise<MadeRun> {
  const { crypto, library } = parts;
  const parent = parentOf(parts, recipe);
  // One name for what belongs together before the manifest is known.
  const draft = `draft ${bytesToHex(crypto.sha256(utf8ToBytes(JSON.stringify(recipe))))}`;
  try {
    const made = await makeDraft(parts, recipe, folder, { draft, parent });
    for (const blob of library.blobsOf(draft)) {
      await library.share(made.id, blob);
      await library.drop(draft, blob);
    }
    return made;
  } catch (error) {
    // What was made or fetched is there for another try, until its room is needed.
    await library.end(draft);
    throw error;
  }
}

interface Draft {
  readonly draft: string;
  readonly parent: RunParent | null;
}

async function makeDraft(
  parts: MakeRunParts,
  recipe: Recipe,
  folder: string,
  { draft, parent }: Draft,
): Promise<MadeRun> {
  const { crypto, library, signal, python, onStep = () => undefined } = parts;
  const work = { pause: () => nextTurn(), ...(signal === undefined ? {} : { signal }) };
  const keep = (bytes: Uint8Array) => library.put(draft, bytes);
  const pathOf = (path: string) => (isAbsolute(path) ? path : join(folder, path));
  const seed = utf8ToBytes(`${recipe.name}/${recipe.seed}`);

  if (parent !== null) onStep('parent');
  const brought = (await parent?.bring(draft)) ?? null;
  onStep('tokenizer');
  const { tokenizer, bytes: tokenizerBytes } = await makeTokenizer(crypto, recipe, pathOf, work, brought);
  const tokenizerHash = crypto.sha256(tokenizerBytes);
  await keep(tokenizerBytes);
  onStep('data');
  const prepared = await prepareData(
    { crypto, keep, ...work },
    recipe.data.map((source) => ({
      name: source.path.split('/').at(-1)!.slice(0, 100),
      licence: source.licence,
      documents: () => readSource(pathOf(source.path), source),
    })),
    {
      ...{ tokenizer, tokenizerHash, seed },
      length: recipe.batch.length,
      heldOutPermille: recipe.heldOutPermille,
    },
  );
  onStep('weights');
  const model = modelOf(recipe, tokenizer.model.tokens.length);
  const unfinished = manifestOf(recipe, model, tokenizerHash, prepared, await engineClassOf(recipe, model));
  const first =
    parent === null || brought === null
      ? await makeFirstWeights(crypto, keep, unfinished, recipe.seed)
      : takeFirstWeights(crypto, library, unfinished, { ...parent, ...brought });
  const begun: RunManifest = {
    ...unfinished,
    initial: first.initial,
    parent: parent === null ? null : { run: parent.run.id, round: parent.round },
  };
  if (recipe.tolerance !== null) onStep('tolerance');
  const tolerance =
    recipe.tolerance === null
      ? null
      : await calibrateRun(
          { crypto, library, turn: () => nextTurn(), ...(python === undefined ? {} : { python }) },
          ...([begun, recipe.tolerance, first] as const),
        );
  onStep('manifest');
  const manifest: RunManifest =
    tolerance === null ? begun : { ...begun, tolerance, engineClass: toleranceClass(crypto, tolerance) };
  const bytes = encodeRunManifest(manifest);
  const id = await keep(bytes);
  const parameters = countParameters(planOf(manifest).table);
  return { ...{ manifest, bytes, id, parameters, parent }, facts: prepared.facts };
}

/** What a recipe goes on from, if it may. */
function parentOf({ parent }: MakeRunParts, recipe: Recipe): RunParent | null {
  if (recipe.parent === null) return null;
  if (parent === undefined)
    throw new NodeError(
      { code: 'START_FAILED', step: 'parent' },
      'The recipe goes on from a checkpoint of a network, and none is at hand here. Make the run with ./cairn train create.',
    );
  checkFork(parent, recipe);
  return parent;
}

async function engineClassOf({ engine, batch }: Recipe, model: RunManifest['model']): Promise<Uint8Array> {
  if (engine === 'tolerant') return new Uint8Array(0);
  const { crypto, wasmBinary } = await loadExactParts();
  return exactEngineClass({ crypto, wasmHash: crypto.sha256(wasmBinary) }, { model, ...batch });
}

function manifestOf(
  recipe: Recipe,
  model: RunManifest['model'],
  tokenizer: Uint8Array,
  { sets, heldOut }: PreparedData,
  engineClass: Uint8Array,
): RunManifest {
  const { inner, outer } = recipe;
  return {
    version: 1,
    // The ledger takes 48 characters.
    name: recipe.name.slice(0, 48),
    description: recipe.description,
    ...{ model, tokenizer, engineClass },
    data: sets.map(describeSet),
    heldOut: describeSet(heldOut),
    batch: recipe.batch,
    inner: {
      steps: inner.steps,
      optimiser: 'adamw',
      learningRate: decimal(inner.learningRate),
      beta1: decimal(inner.beta1),
      beta2: decimal(inner.beta2),
      epsilon: decimal(inner.epsilon),
      weightDecay: decimal(inner.weightDecay),
      clip: decimal(inner.clip),
      warmup: inner.warmup,
      schedule: inner.schedule,
      minimum: decimal(inner.minimum),
      ...(inner.moments === 'keep' ? { keepsMoments: true } : {}),
    },
    outer:
      outer.kind === 'sparse'
        ? {
            type: 'sparse',
            k: outer.k,
            block: outer.block,
            decay: decimal(outer.decay),
            learningRate: decimal(outer.learningRate),
          }
        : { type: 'dense', learningRate: decimal(outer.learningRate), momentum: decimal(outer.momentum) },
    engine: recipe.engine,
    ...(recipe.overlap ? { overlap: true } : {}),
    checkpointEvery: recipe.checkpointEvery,
    rounds: recipe.rounds,
    initial: { root: new Uint8Array(32), pages: new Uint8Array(32), seed: recipe.seed },
    parent: null,
  };
}

function describeSet({ index, indexHash, root }: DataSet): ManifestData {
  return {
    name: index.name,
    root,
    index: indexHash,
    licence: index.licence.slice(0, 100),
    tokens: Number(index.tokens),
    shards: index.shards.length,
  };
}

/** Twelve digits after the point, without the zeros at the end. */
const decimal = (value: number): string => value.toFixed(12).replace(/\.?0+$/, '');
