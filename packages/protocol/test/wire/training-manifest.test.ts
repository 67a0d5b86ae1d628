import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeRunManifest,
  encodeRunManifest,
  findManifestFault,
  MAX_RUN_MANIFEST_BYTES,
  type RunManifest,
} from '../../src/index.ts';
import { toCbor } from '../../src/wire/cbor.ts';

const hash = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const data = {
  name: 'plays',
  root: hash(1),
  index: hash(2),
  licence: 'CC0-1.0',
  tokens: 1_000_000,
  shards: 4,
};
const MANIFEST: RunManifest = {
  version: 1,
  name: 'cairn-1m',
  description: 'A small model of plays.',
  model: {
    architecture: 'llama',
    layers: 4,
    width: 128,
    heads: 4,
    kvHeads: 2,
    hidden: 384,
    vocab: 1_024,
    context: 128,
    tied: true,
  },
  tokenizer: hash(3),
  data: [data],
  heldOut: { ...data, name: 'held out' },
  batch: { rows: 8, length: 128 },
  inner: {
    steps: 10,
    optimiser: 'adamw',
    learningRate: '0.003',
    beta1: '0.9',
    beta2: '0.95',
    epsilon: '0.00000001',
    weightDecay: '0.1',
    clip: '1',
    warmup: 100,
    schedule: 'cosine',
    minimum: '0.1',
  },
  outer: { type: 'sparse', k: 256, block: 4_096, decay: '0.95', learningRate: '1' },
  engine: 'exact',
  engineClass: hash(4),
  checkpointEvery: 10,
  rounds: 100,
  initial: { root: hash(5), pages: hash(6), seed: 1 },
  parent: null,
};
const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as { problem: { code: string } }).problem.code;
  }
  return 'none';
};

describe('the manifest of a run', () => {
  it('comes back as it was written, sparse and dense, with and without a parent', () => {
    const dense: RunManifest = {
      ...MANIFEST,
      outer: { type: 'dense', learningRate: '0.7', momentum: '0.9' },
      parent: { run: hash(9), round: 12 },
      initial: { ...MANIFEST.initial, seed: null },
      engine: 'tolerant',
      engineClass: new Uint8Array(0),
    };
    const replayed: RunManifest = {
      ...dense,
      engineClass: hash(7),
      tolerance: { relative: '0.001', angle: '0.00001', misplaced: '0.02' },
      overlap: true,
    };
    for (const manifest of [MANIFEST, dense, replayed]) {
      expect(decodeRunManifest(encodeRunManifest(manifest))).toEqual(manifest);
      expect(findManifestFault(manifest)).toBeNull();
    }
  });

  it('refuses floats, signs, exponents, unknown fields and what is out of range', () => {
    const inner = (change: object) => ({ ...MANIFEST, inner: { ...MANIFEST.inner, ...change } });
    const wrong: unknown[] = [
      inner({ learningRate: 0.003 }),
      inner({ learningRate: '-0.003' }),
      inner({ learningRate: '3e-3' }),
      inner({ learningRate: '.3' }),
      inner({ learningRate: '0.0000000000001' }),
      inner({ steps: 0 }),
      inner({ steps: 1.5 }),
      inner({ steps: 4_097 }),
      inner({ optimiser: 'sgd' }),
      { ...MANIFEST, extra: 1 },
      { ...MANIFEST, version: 2 },
      { ...MANIFEST, tokenizer: new Uint8Array(31) },
      { ...MANIFEST, data: [] },
      { ...MANIFEST, data: Array.from({ length: 65 }, () => data) },
      { ...MANIFEST, outer: { type: 'none' } },
    ];
    for (const [at, manifest] of wrong.entries())
      expect(
        codeOf(() => decodeRunManifest(toCbor(manifest))),
        `manifest ${at}`,
      ).toBe('FRAME_MALFORMED');
    expect(codeOf(() => decodeRunManifest(new Uint8Array(MAX_RUN_MANIFEST_BYTES + 1)))).toBe(
      'FRAME_TOO_LARGE',
    );
  });

  it('says what does not fit together', () => {
    const faults = [
      { model: { ...MANIFEST.model, heads: 3 } },
      { model: { ...MANIFEST.model, kvHeads: 3 } },
      { batch: { rows: 1, length: 256 } },
      { outer: { type: 'sparse' as const, k: 5_000, block: 4_096, decay: '1', learningRate: '1' } },
      { engineClass: new Uint8Array(0) },
      { engine: 'tolerant' as const },
      { tolerance: { relative: '0.001', angle: '0.00001', misplaced: '0.02' } },
      { parent: { run: hash(9), round: 12 } },
      { inner: { ...MANIFEST.inner, keepsMoments: true } },
    ].map((change) => findManifestFault({ ...MANIFEST, ...change }));
    for (const [at, fault] of faults.entries()) expect(fault, `fault ${at}`).not.toBeNull();
  });

  it('never throws anything but its own problems on bytes of strangers (seed 61)', () => {
    const good = encodeRunManifest(MANIFEST);
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, byte) => {
        const bytes = Uint8Array.from(good);
        bytes[at] = byte;
        expect(['none', 'FRAME_MALFORMED']).toContain(codeOf(() => decodeRunManifest(bytes)));
      }),
      { seed: 61, numRuns: 500 },
    );
  });
});
