import type { TensorShape, TensorTable, TrainingBatch, TrainingEngine, TrainingStep } from '@cairn/protocol';
import { portableExp, portableLog, sizeOf } from '@cairn/training';

export interface TwinShape {
  readonly vocab: number;
  /** Length of a token's vector. */
  readonly width: number;
  readonly hidden: number;
}

/** Small enough that a step takes about a millisecond. */
export const TWIN_SHAPE: TwinShape = { vocab: 32, width: 8, hidden: 32 };

const NAMES = ['embed', 'mix', 'bias', 'head'] as const;

export function twinTensors({ vocab, width, hidden }: TwinShape = TWIN_SHAPE): TensorShape[] {
  return [
    { name: 'embed', shape: [vocab, width] },
    { name: 'mix', shape: [hidden, 2 * width] },
    { name: 'bias', shape: [hidden] },
    { name: 'head', shape: [vocab, hidden] },
  ];
}

/** Weights from a seed: the same ones everywhere. */
export function twinWeights(seed: number, shape: TwinShape = TWIN_SHAPE): Map<string, Float32Array> {
  const random = mulberry(seed);
  return new Map(
    twinTensors(shape).map(({ name, shape }) => {
      const size = sizeOf(shape);
      const width = name === 'bias' ? 0 : name === 'embed' ? 1 : 1.7 / Math.sqrt(shape.at(-1)!);
      return [name, Float32Array.from({ length: size }, () => (2 * random() - 1) * width)];
    }),
  );
}

/** Numbers from 0 to 1 that a seed decides (mulberry32, T. Ettinger, public domain). */
export function mulberry(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Scratch {
  readonly input: Float64Array;
  readonly sum: Float64Array;
  readonly active: Float64Array;
  readonly chances: Float64Array;
  readonly back: Float64Array;
}

/**
 * A language model of a few thousand weights with its gradients written out by hand, behind the port of real engines:
 * it predicts a token from the two before it. For tests and simulations of rounds, where what is tested is not the
 * engine. Sums in doubles, one fixed
 * order and portable functions: equal inputs give equal bits in every JavaScript engine.
 */
export function createTwinLearner(shape: TwinShape = TWIN_SHAPE): TrainingEngine {
  const tensors = twinTensors(shape);
  const { vocab, width, hidden } = shape;
  const scratch: Scratch = {
    input: new Float64Array(2 * width),
    sum: new Float64Array(hidden),
    active: new Float64Array(hidden),
    chances: new Float64Array(vocab),
    back: new Float64Array(hidden),
  };
  const zeros = (): Map<string, Float64Array> =>
    new Map(tensors.map(({ name, shape }) => [name, new Float64Array(sizeOf(shape))]));
  return {
    engineClass: 'twin-1',
    isExact: true,
    tensors,
    async step(parameters, batch): Promise<TrainingStep> {
      const sums = zeros();
      const loss = run(shape, scratch, parameters, batch, sums);
      return { loss, gradients: new Map(Array.from(sums, ([name, sum]) => [name, Float32Array.from(sum)])) };
    },
    async loss(parameters, batch) {
      return run(shape, scratch, parameters, batch, null);
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** The weighted mean loss of a batch; adds its gradient to `sums`. Chances below e⁻⁷⁰⁰ count as that. */
function run(
  { vocab, width, hidden }: TwinShape,
  { input, sum, active, chances, back }: Scratch,
  parameters: TensorTable,
  batch: TrainingBatch,
  sums: ReadonlyMap<string, Float64Array> | null,
): number {
  const [embed, mix, bias, head] = NAMES.map((name) => parameters.get(name)!) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const total = batch.weights.reduce((all, weight) => all + weight, 0);
  let loss = 0;
  for (let at = 0; at < batch.ids.length; at += 1) {
    const weight = batch.weights[at]! / total;
    if (weight === 0) continue;
    const token = batch.ids[at]!;
    const before = at % batch.length === 0 ? 0 : batch.ids[at - 1]!;
    for (let i = 0; i < width; i += 1) {
      input[i] = embed[token * width + i]!;
      input[width + i] = embed[before * width + i]!;
    }
    for (let j = 0; j < hidden; j += 1) {
      let value = bias[j]!;
      for (let i = 0; i < 2 * width; i += 1) value += mix[j * 2 * width + i]! * input[i]!;
      sum[j] = value;
      active[j] = value / (1 + Math.abs(value));
    }
    let largest = -Infinity;
    for (let v = 0; v < vocab; v += 1) {
      let value = 0;
      for (let j = 0; j < hidden; j += 1) value += head[v * hidden + j]! * active[j]!;
      chances[v] = value;
      if (value > largest) largest = value;
    }
    let mass = 0;
    for (let v = 0; v < vocab; v += 1) {
      chances[v] = portableExp(Math.max(-700, chances[v]! - largest));
      mass += chances[v]!;
    }
    const target = batch.targets[at]!;
    loss -= weight * portableLog(Math.max(1e-300, chances[target]! / mass));
    if (sums === null) continue;

    const [embedSum, mixSum, biasSum, headSum] = NAMES.map((name) => sums.get(name)!) as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    back.fill(0);
    for (let v = 0; v < vocab; v += 1) {
      const error = weight * (chances[v]! / mass - (v === target ? 1 : 0));
      for (let j = 0; j < hidden; j += 1) {
        headSum[v * hidden + j]! += error * active[j]!;
        back[j]! += error * head[v * hidden + j]!;
      }
    }
    for (let j = 0; j < hidden; j += 1) {
      const error = back[j]! / (1 + Math.abs(sum[j]!)) ** 2;
      biasSum[j]! += error;
      for (let i = 0; i < width; i += 1) {
        mixSum[j * 2 * width + i]! += error * input[i]!;
        mixSum[j * 2 * width + width + i]! += error * input[width + i]!;
        embedSum[token * width + i]! += error * mix[j * 2 * width + i]!;
        embedSum[before * width + i]! += error * mix[j * 2 * width + width + i]!;
      }
    }
  }
  return loss;
}
