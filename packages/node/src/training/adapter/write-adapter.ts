import { stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock, Crypto } from '@cairn/core';
import { trainAdapter } from '@cairn/training/node';
import { writeFileDurably } from '../../data/durable-file.ts';
import { NodeError } from '../../errors.ts';

export interface WriteAdapterOptions {
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

export interface WrittenAdapter {
  readonly path: string;
  readonly sizeBytes: number;
  /** Held-out loss without and with the adapter, nats per token. */
  readonly lossBefore: number;
  readonly lossAfter: number;
}

const PARTS = ['config.json', 'tokenizer.json', 'model.safetensors'];
const TARGETS = ['q_proj', 'k_proj', 'v_proj', 'o_proj'];

/**
 * Fits a low-rank adapter of a model to a file on this machine, and writes it as a LoRA GGUF that llama.cpp applies.
 *
 * @throws TrainingError `DATA_MALFORMED`, `WEIGHTS_MALFORMED`, `MEMORY_TOO_LOW`, `PACKAGE_MISSING`; NodeError
 * `START_FAILED` for a folder that holds no model
 */
export async function writeAdapter(
  { crypto, clock }: { readonly crypto: Crypto; readonly clock: Clock },
  options: WriteAdapterOptions,
): Promise<WrittenAdapter> {
  const { base, file, out, steps, rank, learningRate, threads, signal, onStep } = options;
  for (const name of PARTS) await expectPart(base, name);
  const isLines = ['.jsonl', '.ndjson'].includes(extname(file).toLowerCase());
  const { gguf, before, after } = await trainAdapter(
    {
      ...{ crypto, clock, pause: () => nextTurn() },
      ...(signal !== undefined && { signal }),
      onStep: ({ step, loss }) => onStep?.({ done: step, steps, loss }),
    },
    {
      name: basename(out, extname(out)),
      modelFolder: base,
      data: { path: file, kind: isLines ? 'chat' : 'text', field: 'text' },
      adapter: { rank, alpha: 2 * rank, targets: TARGETS },
      ...{ steps, learningRate, threads },
    },
  );
  await writeFileDurably(out, gguf);
  return { path: out, sizeBytes: gguf.length, lossBefore: before, lossAfter: after };
}

async function expectPart(folder: string, name: string): Promise<void> {
  if ((await stat(join(folder, name)).catch(() => null)) !== null) return;
  throw new NodeError(
    { code: 'START_FAILED', step: 'model' },
    `The folder ${folder} holds no ${name}. Name one that ./cairn train export wrote, or a llama model from Hugging Face.`,
  );
}
