import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { bytesToHex, type CancelSignal, type Clock, type Crypto, concatBytes } from '@cairn/core';
import type { TensorTable } from '@cairn/protocol';
import { createNativeEngine } from '../compute/engine/native.ts';
import type { OrtEngine } from '../compute/engine/ort-engine.ts';
import { type AdapterConfig, adapterTensors } from '../compute/model/adapter.ts';
import type { ModelConfig } from '../compute/model/model-config.ts';
import { modelTensors, sizeOf } from '../compute/model/tensors.ts';
import type { Document } from '../data/documents.ts';
import { type DataFacts, prepareData } from '../data/prepare-data.ts';
import { readSource } from '../data/read-source.ts';
import { createTokenBatches, type TokenBatches } from '../data/token-batches.ts';
import type { SourceRecipe } from '../recipe/read-data.ts';
import { readConfig } from '../release/read-config.ts';
import { sliceText } from '../tokenizer/split-words.ts';
import { parseTokenizerJson } from '../tokenizer/tokenizer-json.ts';
import { writeAdapterGguf } from '../weights/adapter-gguf.ts';
import { malformedWeights } from '../weights/pages.ts';
import { readSafetensors } from '../weights/safetensors.ts';
import { createAdapterWeights } from './adapter-weights.ts';
import { createLocalTrainer } from './local-trainer.ts';

export interface TrainAdapterParts {
  readonly crypto: Crypto;
  readonly clock: Clock;
  /** Told of each step: loss in nats per token, and how much is done from 0 to 1. */
  readonly onStep?: (step: { readonly step: number; readonly loss: number; readonly share: number }) => void;
  readonly signal?: CancelSignal;
  /** Called now and then between two pieces of work, so that others get a turn. */
  readonly pause?: () => Promise<void>;
}

export interface TrainAdapterOptions {
  readonly name: string;
  /** A folder with `config.json`, `model.safetensors` and `tokenizer.json` of a llama-style model. */
  readonly modelFolder: string;
  /** The person's own texts or conversations. They are read here and go nowhere. */
  readonly data: Pick<SourceRecipe, 'path' | 'kind' | 'field'>;
  /** @default rank 8, alpha 16, all projections of attention */
  readonly adapter?: AdapterConfig;
  /** @default 200 */
  readonly steps?: number;
  /** @default 0.001 */
  readonly learningRate?: number;
  /** Rows of a step. @default 4 */
  readonly rows?: number;
  /** Positions of a row. @default the model's context, at most 256 */
  readonly length?: number;
  /** @default 1 */
  readonly threads?: number;
}

export interface TrainedAdapter {
  /** A GGUF file that llama.cpp applies to the model. */
  readonly gguf: Uint8Array;
  readonly facts: DataFacts;
  /** Loss on what was held out, in nats per token. */
  readonly before: number;
  readonly after: number;
}

const DEFAULT_ADAPTER: AdapterConfig = {
  rank: 8,
  alpha: 16,
  targets: ['q_proj', 'k_proj', 'v_proj', 'o_proj'],
};
/** The order of a person's own data is nobody's business and needs no secret. */
const SEED = Uint8Array.of(0);
/** A text is cut into pieces of at most so many UTF-16 units, at ends of lines where there are any. */
const PIECE_LENGTH = 400;
/** Longest name of a source. */
const MAX_NAME_LENGTH = 100;
/** Held-out batches that are measured before and after. */
const MEASURED_BATCHES = 8;

/**
 * Trains a low-rank adapter on a person's own data, on this machine, and leaves the model as it is. A tenth of the
 * data is held out to see whether it helped. Memory is checked before the weights and the data are read.
 *
 * @throws TrainingError `WEIGHTS_MALFORMED`, `TOKENIZER_MALFORMED`, `DATA_MALFORMED`, `MODEL_MALFORMED`,
 * `MEMORY_TOO_LOW`, `PACKAGE_MISSING`; the reason of an aborted `signal`
 */
export async function trainAdapter(
  parts: TrainAdapterParts,
  options: TrainAdapterOptions,
): Promise<TrainedAdapter> {
  const { adapter = DEFAULT_ADAPTER, steps = 200, rows = 4, learningRate = 1e-3, threads = 1 } = options;
  const { crypto, signal, pause } = parts;
  const { model, tokenizer, tokenizerHash } = await openModel(crypto, options.modelFolder);
  const length = options.length ?? Math.min(model.context, 256);
  const tensors = adapterTensors(model, adapter);
  await using engine = await createNativeEngine({ model, adapter, rows, length, threads });
  const trained = createAdapterWeights(crypto, SEED, tensors);
  const parameters = new Map([...(await readBase(options.modelFolder, model)), ...trained]);
  const blobs = new Map<string, Uint8Array>();
  const prepared = await prepareData(
    {
      crypto,
      keep: async (bytes) => blobs.set(bytesToHex(crypto.sha256(bytes)), bytes),
      ...(signal !== undefined && { signal }),
      ...(pause !== undefined && { pause }),
    },
    [
      {
        name: basename(options.data.path).slice(0, MAX_NAME_LENGTH),
        licence: 'LicenseRef-private',
        documents: () => pieces(options.data),
      },
    ],
    { tokenizer, tokenizerHash, length, heldOutPermille: 100, seed: SEED },
  );
  const batches = createTokenBatches(
    { crypto, read: async (hash) => blobs.get(bytesToHex(hash))! },
    {
      sets: prepared.sets.map(({ index }) => index),
      heldOut: prepared.heldOut.index,
      rows,
      seed: SEED,
      vocab: model.vocab,
    },
  );
  const before = await measure(engine, parameters, batches);
  const trainer = createLocalTrainer(
    { engine, batch: batches.batch, clock: parts.clock },
    {
      ...{ parameters, steps, learningRate, schedule: 'cosine', minimum: 0.1 },
      adamw: { weightDecay: 0 },
      warmup: Math.min(10, steps),
    },
  );
  for (let step = 1; trainer.share < 1; step++) {
    if (signal?.aborted) throw signal.reason;
    const loss = await trainer.step();
    parts.onStep?.({ step, loss, share: trainer.share });
    await pause?.();
  }
  return {
    gguf: concatBytes(
      ...writeAdapterGguf(model, tensors, trained, { name: options.name, alpha: adapter.alpha }),
    ),
    facts: prepared.facts,
    before,
    after: await measure(engine, parameters, batches),
  };
}

/** What a model is, as Hugging Face keeps it; its weights are read later. */
async function openModel(crypto: Crypto, folder: string) {
  const model = readConfig((await readPart(folder, 'config.json')).toString('utf8'));
  const tokenizerBytes = await readPart(folder, 'tokenizer.json');
  const tokenizer = parseTokenizerJson(tokenizerBytes.toString('utf8'));
  if (tokenizer.model.tokens.length > model.vocab)
    throw malformedWeights(`its tokenizer has more tokens than its table, which has ${model.vocab}`);
  return { model, tokenizer, tokenizerHash: crypto.sha256(tokenizerBytes) };
}

async function readBase(folder: string, model: ModelConfig): Promise<[string, Float32Array][]> {
  const { weights } = readSafetensors(await readPart(folder, 'model.safetensors'));
  return modelTensors(model).map(({ name, shape }) => {
    const values = weights.get(name);
    if (values?.length !== sizeOf(shape)) throw malformedWeights(`its ${name} is missing or of another size`);
    return [name, values];
  });
}

async function readPart(folder: string, name: string): Promise<Buffer> {
  try {
    return await readFile(join(folder, name));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    throw malformedWeights(`${folder} has no ${name}`);
  }
}

/** Texts in pieces, so that some can be held out even of one letter. */
async function* pieces(data: TrainAdapterOptions['data']): AsyncGenerator<Document, void> {
  for await (const document of readSource(data.path, data)) {
    if (document.text === undefined) {
      yield document;
      continue;
    }
    for (const text of sliceText(document.text, PIECE_LENGTH)) if (text.trim() !== '') yield { text };
  }
}

async function measure(engine: OrtEngine, parameters: TensorTable, batches: TokenBatches): Promise<number> {
  const count = Math.min(MEASURED_BATCHES, batches.heldOutBatches);
  let sum = 0;
  for (let index = 0; index < count; index++)
    sum += await engine.loss(parameters, await batches.heldOut(index));
  return sum / count;
}
