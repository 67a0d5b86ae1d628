import type { Crypto } from '@cairn/core';
import type { TrainingEngine } from '@cairn/protocol';
import { createExactEngine, createOrtEngine, type RunPlan } from '@cairn/training';
import * as ort from 'onnxruntime-web/wasm';
import { WebError } from '../../errors.ts';
import type { EngineName } from '../messages.ts';

/** Where the page finds the programs that compute. Their version is in the path, so that a browser keeps them. */
const PROGRAMS = `/train/${ort.env.versions.web}`;
const WASM = `${PROGRAMS}/ort-wasm-simd-threaded.wasm`;
const WEBGPU = `${PROGRAMS}/ort-wasm-simd-threaded.asyncify.wasm`;

/** The exact engine in this worker: the same program, and so the same bits, as in a node. */
async function openWasm(crypto: Pick<Crypto, 'sha256'>, { manifest }: RunPlan): Promise<TrainingEngine> {
  const wasmBinary = await fetchProgram(WASM);
  return createExactEngine({ ort, wasmBinary, crypto }, { model: manifest.model, ...manifest.batch });
}

/** The same runtime with kernels that it chooses and joins by itself: other bits, for a second opinion. */
async function openJoinedWasm({ manifest }: RunPlan): Promise<TrainingEngine> {
  ort.env.wasm.wasmBinary = await fetchProgram(WASM);
  return createOrtEngine({ ort }, { model: manifest.model, ...manifest.batch, provider: 'wasm' });
}

async function openWebgpu({ manifest }: RunPlan): Promise<TrainingEngine> {
  // A program of its own, which only those load who use it.
  const [withWebgpu, wasmBinary] = await Promise.all([
    import('onnxruntime-web/webgpu'),
    fetchProgram(WEBGPU),
  ]);
  withWebgpu.env.wasm.numThreads = 1;
  withWebgpu.env.wasm.wasmBinary = wasmBinary;
  withWebgpu.env.webgpu.powerPreference = 'high-performance';
  return createOrtEngine(
    { ort: withWebgpu },
    { model: manifest.model, ...manifest.batch, provider: 'webgpu' },
  );
}

/**
 * An engine in this worker.
 *
 * @throws TrainingError `ENGINE_FAILED`, `MODEL_MALFORMED`; WebError `NODE_REFUSED`
 */
export function openBrowserEngine(
  crypto: Pick<Crypto, 'sha256'>,
  plan: RunPlan,
  name: EngineName,
): Promise<TrainingEngine> {
  return name === 'webgpu' && !plan.isExact ? openWebgpu(plan) : openWasm(crypto, plan);
}

/** One of another class, for the rehearsal before the bond. */
export function openOtherEngine(
  crypto: Pick<Crypto, 'sha256'>,
  plan: RunPlan,
  name: EngineName,
): Promise<TrainingEngine> {
  return name === 'webgpu' ? openWasm(crypto, plan) : openJoinedWasm(plan);
}

async function fetchProgram(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(path);
  if (response.ok) return new Uint8Array(await response.arrayBuffer());
  throw new WebError(
    { code: 'NODE_REFUSED', status: response.status, reason: path },
    `The node did not hand out ${path}. Load the page again.`,
  );
}
