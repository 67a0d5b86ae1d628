import type { RunManifest } from '@cairn/protocol';

const hash = (byte: number) => new Uint8Array(32).fill(byte);
const data = { name: 'texts', root: hash(1), index: hash(2), licence: 'CC0-1.0', tokens: 1_000, shards: 1 };

/** A run of a tiny model. */
export function aManifest({
  engine = 'exact',
  codec = 'sparse',
}: Partial<Pick<RunManifest, 'engine'>> & { readonly codec?: 'sparse' | 'dense' } = {}): RunManifest {
  return {
    version: 1,
    name: 'tiny',
    description: 'A tiny model.',
    model: {
      ...{ architecture: 'llama', layers: 1, width: 16, heads: 2, kvHeads: 2, hidden: 32 },
      ...{ vocab: 32, context: 16, tied: true },
    },
    tokenizer: hash(3),
    data: [data],
    heldOut: data,
    batch: { rows: 4, length: 16 },
    inner: {
      ...{ steps: 5, optimiser: 'adamw', learningRate: '0.01', beta1: '0.9', beta2: '0.95' },
      ...{ epsilon: '0.00000001', weightDecay: '0.1', clip: '1', warmup: 0, schedule: 'constant' },
      minimum: '0.1',
    },
    outer:
      codec === 'sparse'
        ? { type: 'sparse', k: 256, block: 4_096, decay: '0.95', learningRate: '1' }
        : { type: 'dense', learningRate: '0.7', momentum: '0.9' },
    engine,
    engineClass: engine === 'exact' ? hash(4) : new Uint8Array(0),
    checkpointEvery: 10,
    rounds: 100,
    initial: { root: hash(5), pages: hash(6), seed: 1 },
    parent: null,
  };
}
