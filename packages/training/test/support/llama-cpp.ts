import { writeFile } from 'node:fs/promises';
import { getLlama, type Llama, LlamaLogLevel, type Token } from 'node-llama-cpp';

let shared: Promise<Llama> | undefined;

/** llama.cpp on one thread of the processor, the one instance of this test file. */
export function startLlama(): Promise<Llama> {
  shared ??= getLlama({ gpu: false, build: 'never', logLevel: LlamaLogLevel.error, maxThreads: 1 });
  return shared;
}

export async function writePieces(path: string, pieces: Iterable<Uint8Array>): Promise<string> {
  await writeFile(path, Buffer.concat([...pieces]));
  return path;
}

export interface LogitsOptions {
  readonly adapter?: string;
}

/** Natural log probabilities of the token after `ids`, by llama.cpp with single-precision keys and values. */
export async function logProbabilities(
  modelPath: string,
  ids: readonly number[],
  { adapter }: LogitsOptions = {},
): Promise<Float64Array> {
  const llama = await startLlama();
  const model = await llama.loadModel({ modelPath });
  try {
    const context = await model.createContext({
      contextSize: 64,
      threads: 1,
      flashAttention: false,
      experimentalKvCacheKeyType: 'F32',
      experimentalKvCacheValueType: 'F32',
      ...(adapter === undefined ? {} : { lora: { adapters: [{ filePath: adapter, scale: 1 }] } }),
    });
    const sequence = context.getSequence();
    const events = sequence.evaluateWithMetadata(
      ids as Token[],
      { probabilities: true },
      { temperature: 0, yieldEogToken: true },
    );
    const { value } = await events.next();
    await events.return?.(undefined as never);
    const logs = new Float64Array(value!.probabilities.size);
    for (const [token, probability] of value!.probabilities) logs[token] = Math.log(probability);
    return logs;
  } finally {
    await model.dispose();
  }
}

/** Tokens of a text by llama.cpp, with marks in it read as text. */
export async function tokenize(modelPath: string, texts: readonly string[]): Promise<number[][]> {
  const model = await (await startLlama()).loadModel({ modelPath, vocabOnly: true });
  try {
    return texts.map((text) => [...model.tokenize(text, false)]);
  } finally {
    await model.dispose();
  }
}
