import type { Crypto } from '@cairn/core';
import type { TrainingEngine } from '@cairn/protocol';
import { createExactEngine, type RunPlan } from '@cairn/training';
import * as ort from 'onnxruntime-web/wasm';
import { WebError } from '../../errors.ts';

/** Where the page finds the program that computes. */
const WASM = '/train/ort-wasm-simd-threaded.wasm';

/** The exact engine in this worker: the same program, and so the same bits, as in a node. */
export async function openBrowserEngine(
  crypto: Pick<Crypto, 'sha256'>,
  { manifest, isExact }: RunPlan,
): Promise<TrainingEngine> {
  if (!isExact)
    throw new WebError(
      { code: 'RUN_UNFIT', reason: 'tolerant' },
      'This run is computed by engines that a browser does not have. Join it with ./cairn train join.',
    );
  const response = await fetch(WASM);
  if (!response.ok)
    throw new WebError(
      { code: 'NODE_REFUSED', status: response.status, reason: WASM },
      `The node did not hand out ${WASM}. Load the page again.`,
    );
  const wasmBinary = new Uint8Array(await response.arrayBuffer());
  return createExactEngine({ ort, wasmBinary, crypto }, { model: manifest.model, ...manifest.batch });
}
