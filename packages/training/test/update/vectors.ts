import { createPureCrypto } from '@cairn/core';
import type { TensorShape } from '@cairn/protocol';
import {
  applyRound,
  decodeUpdate,
  makeUpdate,
  type OuterRule,
  type Units,
  type UpdateCodec,
} from '../../src/index.ts';
import { noise } from './changes.ts';

/** A block and a bit, a matrix of fewer values than are kept, a vector. */
const TABLE: readonly TensorShape[] = [
  { name: 'a', shape: [64, 65] },
  { name: 'b', shape: [5, 7] },
  { name: 'c', shape: [300] },
];
const RULES: readonly { readonly codec: UpdateCodec; readonly rule: OuterRule }[] = [
  { codec: { kind: 'sparse', kept: 64 }, rule: { kind: 'sparse', learningRate: 0.7 } },
  { codec: { kind: 'sparse', kept: 256 }, rule: { kind: 'sparse', learningRate: 1 } },
  { codec: { kind: 'dense' }, rule: { kind: 'dense', learningRate: 0.7, momentum: 0.9 } },
];
const DECAY = 0.95;
const crypto = createPureCrypto();
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function floats(seed: number, size: number): Map<string, Float32Array> {
  const random = noise(seed);
  return new Map(
    TABLE.map(({ name, shape }) => [
      name,
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random() * size),
    ]),
  );
}

function hashOf(tensors: ReadonlyMap<string, Float32Array | Int32Array>): string {
  const bytes = Array.from(tensors.values(), (values) => Buffer.from(values.buffer));
  return hex(crypto.sha256(Buffer.concat(bytes)));
}

function plain(tensors: ReadonlyMap<string, Float32Array>): Record<string, string> {
  return Object.fromEntries(
    Array.from(tensors, ([name, values]) => [name, Buffer.from(values.buffer).toString('base64')]),
  );
}

/**
 * What every implementation of the codec makes of the same weights: two rounds of one trainer, whose residual goes
 * from the first to the second, and the weights after the first round if both updates had been in it.
 */
export function updateVectors() {
  const base = floats(11, 0.05);
  const trained = [floats(12, 0.004), floats(13, 0.002)].map(
    (change) => new Map(Array.from(base, ([name, values]) => [name, values.map((v, i) => v + change.get(name)![i]!)])),
  );
  const cases = RULES.map(({ codec, rule }) => {
    let residual: Units | undefined;
    const updates: string[] = [];
    const residuals: string[] = [];
    const decoded = trained.map((weights, round) => {
      const steps = 30 - 10 * round;
      const header = { run: new Uint8Array(32).fill(3), round, base: new Uint8Array(32).fill(4), steps };
      const input = { header, codec, table: TABLE, base, trained: weights, decay: DECAY };
      const made = makeUpdate(residual === undefined ? input : { ...input, residual });
      residual = made.residual;
      updates.push(hex(made.bytes));
      residuals.push(hashOf(made.residual));
      return decodeUpdate(made.bytes, codec, TABLE);
    });
    const { weights, momentum } = applyRound(TABLE, rule, { weights: base, momentum: new Map() }, decoded);
    return { codec, rule, updates, residuals, weights: hashOf(weights), momentum: hashOf(momentum) };
  });
  return {
    about:
      'Tensors are f32 or i32, little endian; base64. Hashes are SHA-256 of the tensors in table order. Round 0 has 30 steps, round 1 has 20; run is 32 bytes of 3, the base root 32 bytes of 4.',
    table: TABLE,
    decay: DECAY,
    base: plain(base),
    trained: trained.map(plain),
    cases,
  };
}
