import { readFile, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { bytesToHex, type Clock, type Crypto, concatBytes, utf8ToBytes } from '@cairn/core';
import {
  adapterTensors,
  createAdapterWeights,
  createLocalTrainer,
  createTokenBatches,
  type DataSource,
  modelTensors,
  parseTokenizerJson,
  prepareData,
  readConfig,
  readSafetensors,
  writeAdapterGguf,
} from '@cairn/training';
import { createNativeEngine, readSource } from '@cairn/training/node';
import { writeFileDurably } from '../../data/durable-file.ts';
import { NodeError } from '../../errors.ts';

export interface TrainAdapterOptions {
  /** Folder of the model: `config.json`, `model.safetensors`, `tokenizer.json`, as a run's export has them. */
  readonly base: string;
  /** Text, or JSON lines of conversations. It does not leave this machine. */
  readonly file: string;
  /** GGUF file that is written. */
  readonly out: string;
  readonly steps: number;
  readonly rank: number;
  readonly learningRate: number;
  readonly threads: number;
  readonly signal?: AbortSignal;
  readonly onStep?: (step: { readonly done: number; readonly steps: number; readonly loss: number }) => void;
}

export interface TrainedAdapter {
  readonly path: string;
  readonly sizeBytes: number;
  /** Held-out loss without and with the adapter, nats per token. */
  readonly lossBefore: number;
  readonly lossAfter: number;
}

const ROWS = 4;
const MOST_POSITIONS = 256;
const TARGETS = ['q_proj', 'v_proj'];
const HELD_OUT_PERMILLE = 100;
const HELD_OUT_BATCHES = 8;
/** Pieces that a short text is cut into, so that some can be held out. In UTF-16 units. */
const PIECE = 400;
const SEED = utf8ToBytes('cairn/adapter');

/**
 * Fits a low-rank adapter of a model to a file on this machine, and writes it as a LoRA GGUF that llama.cpp applies.
 *
 * @throws TrainingError `DATA_MALFORMED`, `WEIGHTS_MALFORMED`, `MEMORY_TOO_LOW`, `PACKAGE_MISSING`; NodeError
 * `START_FAILED` for a folder that holds no model
 */
export async function trainAdapter(
  { crypto, clock }: { readonly crypto: Crypto; readonly clock: Clock },
  options: TrainAdapterOptions,
): Promise<TrainedAdapter> {
  const { base, file, out, steps, rank, learningRate, threads, signal, onStep } = options;
  const model = readConfig(new TextDecoder().decode(await readPart(base, 'config.json')));
  const tokenizerBytes = await readPart(base, 'tokenizer.json');
  const tokenizer = parseTokenizerJson(new TextDecoder().decode(tokenizerBytes));
  const { weights } = readSafetensors(await readPart(base, 'model.safetensors'));
  const length = Math.min(model.context, MOST_POSITIONS);
  const blobs = new Map<string, Uint8Array>();
  const { sets, heldOut } = await prepareData(
    {
      crypto,
      keep: async (bytes) => blobs.set(bytesToHex(crypto.sha256(bytes)), bytes),
      pause: () => nextTurn(),
      ...(signal === undefined ? {} : { signal }),
    },
    [sourceOf(file)],
    {
      ...{ tokenizer, length, seed: SEED },
      tokenizerHash: crypto.sha256(tokenizerBytes),
      heldOutPermille: HELD_OUT_PERMILLE,
    },
  );
  const data = createTokenBatches(
    { crypto, read: async (hash) => blobs.get(bytesToHex(hash))! },
    {
      ...{ rows: ROWS, seed: SEED, vocab: model.vocab },
      sets: sets.map(({ index }) => index),
      heldOut: heldOut.index,
    },
  );
  const adapter = { rank, alpha: 2 * rank, targets: TARGETS };
  const tensors = adapterTensors(model, adapter);
  const trained = createAdapterWeights(crypto, SEED, tensors);
  const parameters = new Map([
    ...modelTensors(model).map(({ name }) => [name, weights.get(name)!] as const),
    ...trained,
  ]);
  await using engine = await createNativeEngine({ model, adapter, rows: ROWS, length, threads });
  const heldOutLoss = async (): Promise<number> => {
    const count = Math.min(HELD_OUT_BATCHES, data.heldOutBatches);
    let sum = 0;
    for (let index = 0; index < count; index += 1)
      sum += await engine.loss(parameters, await data.heldOut(index));
    return sum / count;
  };
  const lossBefore = await heldOutLoss();
  const trainer = createLocalTrainer(
    { engine, clock, batch: (step) => data.batch(step) },
    { parameters, learningRate, steps, schedule: 'cosine', minimum: 0.1, warmup: Math.ceil(steps / 20) },
  );
  for (let done = 1; done <= steps; done += 1) {
    signal?.throwIfAborted();
    const loss = await trainer.step();
    onStep?.({ done, steps, loss });
    await nextTurn();
  }
  const lossAfter = await heldOutLoss();
  const name = basename(out, extname(out));
  const bytes = concatBytes(...writeAdapterGguf(model, tensors, trained, { name, alpha: adapter.alpha }));
  await writeFileDurably(out, bytes);
  return { path: out, sizeBytes: bytes.length, lossBefore, lossAfter };
}

function sourceOf(file: string): DataSource {
  const isLines = ['.jsonl', '.ndjson'].includes(extname(file).toLowerCase());
  async function* pieces() {
    for await (const document of readSource(file, { kind: isLines ? 'chat' : 'text', field: 'text' })) {
      if (document.text === undefined) yield document;
      else
        for (let start = 0; start < document.text.length; start += PIECE)
          yield { text: document.text.slice(start, start + PIECE) };
    }
  }
  return { name: basename(file).slice(0, 100), licence: 'LicenseRef-private', documents: pieces };
}

async function readPart(folder: string, name: string): Promise<Uint8Array> {
  const path = join(folder, name);
  if ((await stat(path).catch(() => null)) === null) {
    throw new NodeError(
      { code: 'START_FAILED', step: 'model' },
      `The folder ${folder} holds no ${name}. Name one that ./cairn train export wrote, or a llama model from Hugging Face.`,
    );
  }
  return new Uint8Array(await readFile(path));
}
