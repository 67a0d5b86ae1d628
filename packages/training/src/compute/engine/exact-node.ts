import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ExactEngineParts } from './exact.ts';
import { freeMemory, packageMissing } from './native.ts';

/**
 * The parts of an exact engine in Node: `onnxruntime-web` and its binary from this installation.
 *
 * @throws TrainingError PACKAGE_MISSING without `onnxruntime-web`
 */
export async function loadExactParts(): Promise<ExactEngineParts> {
  try {
    const ort = await import('onnxruntime-web');
    return { ort, ...(await loadExactBinary()), freeBytes: freeMemory };
  } catch (cause) {
    throw packageMissing('onnxruntime-web', cause);
  }
}

async function loadExactBinary(): Promise<Pick<ExactEngineParts, 'wasmBinary' | 'crypto'>> {
  const file = fileURLToPath(import.meta.resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm'));
  return {
    wasmBinary: new Uint8Array(await readFile(file)),
    crypto: { sha256: (data) => new Uint8Array(createHash('sha256').update(data).digest()) },
  };
}
