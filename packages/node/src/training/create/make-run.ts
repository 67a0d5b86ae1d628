import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { bytesToHex, type Crypto, utf8ToBytes } from '@cairn/core';
import { encodeRunManifest, type ManifestData, type RunManifest } from '@cairn/protocol';
import {
  countParameters,
  type DataFacts,
  type DataSet,
  encodePageList,
  exactEngineClass,
  initialState,
  listStatePages,
  modelOf,
  type PreparedData,
  parseTokenizerJson,
  placePages,
  planOf,
  prepareData,
  type Recipe,
  readPage,
  stateTensors,
  stateToTensors,
  type Tokenizer,
  toleranceClass,
  trainByteTokenizer,
  trainCharacterTokenizer,
  weightRootOf,
  writeTokenizerJson,
} from '@cairn/training';
import { loadExactParts, readSource } from '@cairn/training/node';
import type { Library } from '../library/library.ts';
import { calibrateRun } from './calibrate-run.ts';

export interface MakeRunParts {
  readonly crypto: Crypto;
  readonly library: Library;
  readonly signal?: AbortSignal;
  /** A Python that has PyTorch, for bounds that are measured with it. @default 'python3' */
  readonly python?: string;
  /** Told what is being done. */
  readonly onStep?: (step: MakeRunStep) => void;
}

export type MakeRunStep = 'tokenizer' | 'data' | 'weights' | 'tolerance' | 'manifest';

/** A run as a recipe makes it, with everything it names in the library. */
export interface MadeRun {
  readonly manifest: RunManifest;
  /** Its bytes, and their SHA-256 in hex. */
  readonly bytes: Uint8Array;
  readonly id: string;
  readonly parameters: number;
  readonly facts: DataFacts;
}

/**
 * Makes everything a run is from a recipe: learns the tokenizer, cuts the data into shards, makes the first weights.
 * What it puts into the library belongs to the run named by the manifest's id until a run of the ledger takes it over.
 *
 * @param folder that paths of the recipe are relative to.
 * @throws TrainingError `DATA_MALFORMED`, `TOKENIZER_MALFORMED`, `PACKAGE_MISSING`, `ENGINE_FAILED`; NodeError `LIBRARY_FULL`
 */
export async function makeRun(parts: MakeRunParts, recipe: Recipe, folder: string): Promise<MadeRun> {
  const { crypto, library, signal, python, onStep = () => undefined } = parts;
  const work = { pause: () => nextTurn(), ...(signal === undefined ? {} : { signal }) };
  // One name for what belongs together before the manifest is known.
  const draft = `draft ${bytesToHex(crypto.sha256(utf8ToBytes(JSON.stringify(recipe))))}`;
  const keep = (bytes: Uint8Array) => library.put(draft, bytes);
  const pathOf = (path: string) => (isAbsolute(path) ? path : join(folder, path));
  const seed = utf8ToBytes(`${recipe.name}/${recipe.seed}`);

  onStep('tokenizer');
  const tokenizer = await makeTokenizer(recipe, pathOf, work);
  const tokenizerBytes = utf8ToBytes(writeTokenizerJson(tokenizer.model));
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
  const initial = await makeWeights(crypto, keep, unfinished, recipe.seed);
  const begun: RunManifest = { ...unfinished, initial };
  if (recipe.tolerance !== null) onStep('tolerance');
  const tolerance =
    recipe.tolerance === null
      ? null
      : await calibrateRun(
          { crypto, library, turn: () => nextTurn(), ...(python === undefined ? {} : { python }) },
          ...([begun, recipe.tolerance, recipe.seed] as const),
        );
  onStep('manifest');
  const manifest: RunManifest =
    tolerance === null ? begun : { ...begun, tolerance, engineClass: toleranceClass(crypto, tolerance) };
  const bytes = encodeRunManifest(manifest);
  const id = await keep(bytes);
  for (const blob of library.blobsOf(draft)) {
    await library.share(id, blob);
    await library.drop(draft, blob);
  }
  return { manifest, bytes, id, parameters: countParameters(planOf(manifest).table), facts: prepared.facts };
}

type Work = { readonly pause: () => Promise<void>; readonly signal?: AbortSignal };

async function makeTokenizer(
  { tokenizer, data }: Recipe,
  pathOf: (path: string) => string,
  work: Work,
): Promise<Tokenizer> {
  if (tokenizer.kind === 'file') return parseTokenizerJson(await readFile(pathOf(tokenizer.path), 'utf8'));
  async function* texts(): AsyncGenerator<string> {
    for (const source of data)
      for await (const document of readSource(pathOf(source.path), source)) {
        if (document.text !== undefined) yield document.text;
        else for (const { content } of document.messages) yield content;
      }
  }
  return tokenizer.kind === 'characters'
    ? trainCharacterTokenizer(texts(), work)
    : trainByteTokenizer(texts(), tokenizer, work);
}

async function engineClassOf({ engine, batch }: Recipe, model: RunManifest['model']): Promise<Uint8Array> {
  if (engine === 'tolerant') return new Uint8Array(0);
  const { crypto, wasmBinary } = await loadExactParts();
  return exactEngineClass({ crypto, wasmHash: crypto.sha256(wasmBinary) }, { model, ...batch });
}

async function makeWeights(
  crypto: Crypto,
  keep: (bytes: Uint8Array) => Promise<unknown>,
  manifest: RunManifest,
  seed: number,
): Promise<RunManifest['initial']> {
  const plan = planOf(manifest);
  const state = initialState(crypto, plan, seed);
  const list = listStatePages(crypto, plan, state);
  const tensors = stateToTensors(plan, state);
  for (const place of placePages(stateTensors(plan))) await keep(readPage(tensors, place).slice());
  const bytes = encodePageList(list);
  await keep(bytes);
  return { root: weightRootOf(crypto, list), pages: crypto.sha256(bytes), seed };
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
