import type { TensorShape } from '@cairn/protocol';
import { TrainingError } from '../../errors.ts';
import type { GraphNode } from '../graph/onnx-model.ts';
import { countParameters, sizeOf } from '../model/tensors.ts';

/** What training at one shape will take, in bytes. */
export interface MemoryForecast {
  readonly parameters: number;
  readonly gradients: number;
  /** Two numbers for each trained parameter, which the optimiser keeps. */
  readonly moments: number;
  /** The most that the values between the inputs and the gradients take at one time. */
  readonly activations: number;
  /** The runtime itself. */
  readonly runtime: number;
  /** The largest tensor of all, which some graphics processors cannot hold in one piece. */
  readonly largest: number;
  readonly total: number;
}

export interface ForecastOptions {
  readonly nodes: readonly GraphNode[];
  readonly inputs: readonly TensorShape[];
  readonly trained: readonly TensorShape[];
  readonly provider: string;
}

const BYTES_OF = { float32: 4, int32: 4, int64: 8, bool: 1 } as const;
/** What a session takes before its first step: measured with onnxruntime 1.30 on Linux, rounded up. */
const RUNTIME_BYTES = 96 * 2 ** 20;
/** Operators whose result is the same bytes under another shape. */
const ALIASES = new Set(['Reshape', 'Identity']);

/**
 * Forecasts the memory of training before anything is made. Measured peaks of native engines are within a
 * factor of 1.5 of it on either side (test/compute/engine/memory.test.ts).
 */
export function forecastMemory({ nodes, inputs, trained }: ForecastOptions): MemoryForecast {
  const parameters = 4 * countParameters(inputs);
  const gradients = 4 * countParameters(trained);
  const moments = 2 * gradients;
  const outputs = new Set(trained.map(({ name }) => `d.${name}`));
  const activations = peakOf(nodes, outputs);
  const total = parameters + gradients + moments + activations + RUNTIME_BYTES;
  const largest = Math.max(
    ...inputs.map(({ shape }) => 4 * sizeOf(shape)),
    ...nodes.map(({ output }) => bytesOf(output)),
  );
  return { parameters, gradients, moments, activations, runtime: RUNTIME_BYTES, largest, total };
}

function bytesOf({ shape, type }: GraphNode['output']): number {
  return sizeOf(shape) * BYTES_OF[type];
}

/** The most bytes of values that are alive at one time when the nodes run in order. */
function peakOf(nodes: readonly GraphNode[], outputs: ReadonlySet<string>): number {
  const owner = new Map<string, string>();
  const ownerOf = (name: string): string => owner.get(name) ?? name;
  const lastUse = new Map<string, number>();
  for (const [at, { operator, inputs, output }] of nodes.entries()) {
    if (ALIASES.has(operator)) owner.set(output.name, ownerOf(inputs[0]!));
    for (const name of inputs) lastUse.set(ownerOf(name), at);
  }
  const ending = Map.groupBy(lastUse.keys(), (name) => lastUse.get(name)!);
  const sizes = new Map<string, number>();
  let now = 0;
  let peak = 0;
  for (const [at, { operator, output }] of nodes.entries()) {
    if (!ALIASES.has(operator) && !outputs.has(output.name)) {
      const bytes = bytesOf(output);
      sizes.set(output.name, bytes);
      now += bytes;
      peak = Math.max(peak, now);
    }
    for (const name of ending.get(at) ?? []) {
      now -= sizes.get(name) ?? 0;
      sizes.delete(name);
    }
  }
  return peak;
}

/** @throws TrainingError MEMORY_TOO_LOW when the forecast exceeds what is free */
export function checkMemory(forecast: MemoryForecast, freeBytes: number): void {
  if (forecast.total > freeBytes)
    throw memoryTooLow(forecast, freeBytes, 'Take fewer rows at a time, shorter rows or a smaller model.');
}

/** @param advice what to do, in sentences */
export function memoryTooLow(
  forecast: MemoryForecast & { readonly kept?: number },
  freeBytes: number,
  advice: string,
): TrainingError {
  const megabytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;
  const { parameters, gradients, moments, activations, kept = 0 } = forecast;
  const ofRounds = kept === 0 ? '' : `, weights of earlier rounds ${megabytes(kept)}`;
  return new TrainingError(
    { code: 'MEMORY_TOO_LOW', neededBytes: forecast.total, freeBytes },
    `Training needs about ${megabytes(forecast.total)} (parameters ${megabytes(parameters)}, gradients ` +
      `${megabytes(gradients)}, moments ${megabytes(moments)}, activations ${megabytes(activations)}${ofRounds}) and ` +
      `${megabytes(freeBytes)} are free. ${advice}`,
  );
}
