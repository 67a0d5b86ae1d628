import { bytesToHex, type Crypto } from '@cairn/core';
import { TrainingError } from '../../errors.ts';
import { OPTIMISER_VERSION } from '../../optimise/adamw.ts';
import type { AdapterConfig } from '../model/adapter.ts';
import type { BatchShape, ModelConfig } from '../model/model-config.ts';
import { buildModelGraph } from '../model/model-graph.ts';
import { createOrtEngine, type OrtEngine } from './ort-engine.ts';
import type { OrtModule } from './ort-module.ts';

export interface ExactEngineOptions extends BatchShape {
  readonly model: ModelConfig;
  readonly adapter?: AdapterConfig;
}

export interface ExactEngineParts {
  /** `onnxruntime-web`, which nothing else in this process or page has started with other settings. */
  readonly ort: OrtModule;
  /** `ort-wasm-simd-threaded.wasm` of the same package: the program that computes, and part of the class. */
  readonly wasmBinary: Uint8Array<ArrayBuffer>;
  readonly crypto: Pick<Crypto, 'sha256'>;
  /** Memory that may be used, in bytes. */
  freeBytes?(): number;
}

/** Higher levels choose kernels by the machine; this one only folds constants and drops what is not needed. */
const OPTIMISATION = 'basic';
const THREADS = 1;

/**
 * The class of an exact engine (PROTOCOL 21): engines of equal classes make equal bits from equal inputs, on every
 * machine and in every browser. A hash of everything that decides the bits.
 *
 * @param wasmHash SHA-256 of the wasm binary
 * @returns 32 bytes
 * @throws TrainingError MODEL_MALFORMED
 */
export function exactEngineClass(
  { crypto, wasmHash }: { readonly crypto: Pick<Crypto, 'sha256'>; readonly wasmHash: Uint8Array },
  options: ExactEngineOptions,
): Uint8Array {
  const graph = (purpose: 'gradients' | 'loss'): string =>
    bytesToHex(crypto.sha256(buildModelGraph({ ...options, purpose }).graph.encode()));
  const facts = [
    ...['cairn exact engine', bytesToHex(wasmHash), graph('gradients'), graph('loss'), OPTIMISER_VERSION],
    ...[OPTIMISATION, `threads ${THREADS}`, `rows ${options.rows}`, `length ${options.length}`],
  ];
  return crypto.sha256(new TextEncoder().encode(facts.join('\n')));
}

/**
 * The engine whose steps anybody can compute again to the bit: ONNX Runtime in wasm, on one thread, at a fixed level
 * of optimisation. In Node and in browsers. It computes on the calling thread; `createExactEngineThread` does not.
 *
 * @throws TrainingError MODEL_MALFORMED, MEMORY_TOO_LOW, ENGINE_FAILED
 */
export async function createExactEngine(
  { ort, wasmBinary, crypto, freeBytes }: ExactEngineParts,
  options: ExactEngineOptions,
): Promise<OrtEngine> {
  const { wasm } = ort.env;
  if ((wasm.numThreads ?? 0) > THREADS) {
    const reason = `its module was set up for ${wasm.numThreads} threads`;
    throw new TrainingError(
      { code: 'ENGINE_FAILED', engine: 'exact', reason },
      `The exact engine runs on one thread, and ${reason}. Hand it a module of its own.`,
    );
  }
  wasm.numThreads = THREADS;
  wasm.wasmBinary = wasmBinary;
  const engine = await createOrtEngine(
    { ort, ...(freeBytes ? { freeBytes } : {}) },
    { ...options, provider: 'wasm', threads: THREADS, optimisation: OPTIMISATION },
  );
  const engineClass = bytesToHex(exactEngineClass({ crypto, wasmHash: crypto.sha256(wasmBinary) }, options));
  return { ...engine, engineClass, isExact: true };
}
