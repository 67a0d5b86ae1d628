import { availableParallelism, totalmem } from 'node:os';
import { TrainingError } from '../../errors.ts';
import { createOrtEngine, type OrtEngine, type OrtEngineOptions } from './ort-engine.ts';
import type { OrtModule } from './ort-module.ts';
import { assertNoTelemetry } from './telemetry.ts';

export interface NativeEngineOptions extends Omit<OrtEngineOptions, 'provider'> {
  /** An execution provider of `onnxruntime-node`: `cpu`, `cuda`, `coreml`, `dml`, … @default 'cpu' */
  readonly provider?: string;
  /** Starts it although its forecast exceeds what is free. @default false */
  readonly isMemoryIgnored?: boolean;
}

/**
 * An engine on `onnxruntime-node`. Memory is forecast against what the machine has free.
 *
 * @throws TrainingError PACKAGE_MISSING without `onnxruntime-node`; MODEL_MALFORMED, MEMORY_TOO_LOW, ENGINE_FAILED
 */
export async function createNativeEngine({
  isMemoryIgnored = false,
  ...options
}: NativeEngineOptions): Promise<OrtEngine> {
  const ort = await loadNativeOrt();
  const threads = options.threads ?? availableParallelism();
  return await createOrtEngine(
    { ort, ...(isMemoryIgnored ? {} : { freeBytes: freeMemory }) },
    { ...options, provider: options.provider ?? 'cpu', threads },
  );
}

/**
 * Memory this process may still take, in bytes. Other systems than Linux count what they would give back at once as
 * taken, so there half of the machine's memory is the least.
 */
export function freeMemory(): number {
  const free = process.availableMemory();
  return process.platform === 'linux' ? free : Math.max(free, totalmem() / 2);
}

async function loadNativeOrt(): Promise<OrtModule> {
  assertNoTelemetry();
  try {
    return (await import('onnxruntime-node')).default;
  } catch (cause) {
    throw packageMissing('onnxruntime-node', cause);
  }
}

export function packageMissing(name: string, cause: unknown): TrainingError {
  return new TrainingError(
    { code: 'PACKAGE_MISSING', name },
    `Training needs the package ${name}, which is not installed. Run ./cairn train once: it installs it.`,
    { cause },
  );
}
