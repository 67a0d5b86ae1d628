import { createPureCrypto } from '@cairn/core';
import { describe, expect, it } from 'vitest';
import { shareWeights } from '../../src/aggregate/share-weights.ts';
import { clipFactors, tensorNorm } from '../../src/aggregate/tensor-norm.ts';
import {
  aggregateUpdates,
  applyRound,
  catchUp,
  decodeUpdate,
  encodeUpdate,
  type LoggedRound,
  type OuterRule,
  type RunState,
  type Update,
  type UpdateCodec,
} from '../../src/index.ts';
import { aChange, HEADER, noise, TABLE } from '../update/changes.ts';

const SPARSE: UpdateCodec = { kind: 'sparse', kept: 64 };
const DENSE: UpdateCodec = { kind: 'dense' };
const VECTOR = [{ name: 'a', shape: [4] }];
const crypto = createPureCrypto();

function anUpdate(values: readonly number[], codec: UpdateCodec = SPARSE, steps = 30): Update {
  const changes = new Map([['a', Int32Array.from(values)]]);
  return decodeUpdate(encodeUpdate({ ...HEADER, steps }, codec, VECTOR, changes).bytes, codec, VECTOR);
}

function someBytes(seed: number, codec: UpdateCodec): Uint8Array {
  return encodeUpdate(HEADER, codec, TABLE, aChange(seed)).bytes;
}

function someWeights(seed: number): Map<string, Float32Array> {
  const random = noise(seed);
  return new Map(
    TABLE.map(({ name, shape }) => [
      name,
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, random),
    ]),
  );
}

function rootOf(weights: RunState['weights']): Uint8Array {
  const bytes = Array.from(weights.values()).flatMap((values) => [...new Uint8Array(values.buffer)]);
  return crypto.sha256(Uint8Array.from(bytes));
}

describe('what updates say together', () => {
  it('is the mean over those that sent a value, not over all', () => {
    const table = [{ name: 'a', shape: [5_000] }];
    const one: UpdateCodec = { kind: 'sparse', kept: 1 };
    const sent = (place: number, value: number): Update => {
      const values = new Int32Array(5_000);
      values[place] = value;
      values[4_999] = 100;
      const { bytes } = encodeUpdate(HEADER, one, table, new Map([['a', values]]));
      return decodeUpdate(bytes, one, table);
    };
    const together = aggregateUpdates(table, [sent(3, 1_000), sent(3, 1_000), sent(7, 1_000)]).get('a')!;
    expect([together[3], together[7], together[0]]).toEqual([1_000, 1_000, 0]);
  });

  it('weighs each by the steps it made', () => {
    const updates = [anUpdate([900, 0, 0, 900], SPARSE, 10), anUpdate([0, 900, 900, 0], SPARSE, 20)];
    expect(Array.from(aggregateUpdates(VECTOR, updates).get('a')!)).toEqual([300, 600, 600, 300]);
  });

  it('is the same for dense updates within their rounding', () => {
    const updates = [anUpdate([12_700, -400, 0, 5], DENSE), anUpdate([12_700, 400, 200, 5], DENSE)];
    const together = Array.from(aggregateUpdates(VECTOR, updates).get('a')!);
    expect(together[0]).toBe(12_700);
    expect(Math.abs(together[2]! - 100)).toBeLessThanOrEqual(50);
  });

  it('cuts a tensor that is longer than the median to it', () => {
    const updates = [100, 100, 10_000].map((value) => anUpdate([value, value, value, value]));
    expect(clipFactors(updates.map(({ tensors }) => tensorNorm(tensors[0]!)))).toEqual([65_536, 65_536, 655]);
    expect(Array.from(aggregateUpdates(VECTOR, updates).get('a')!)).toEqual([100, 100, 100, 100]);
  });

  it('takes the lower of two medians', () => {
    expect(clipFactors([5n, 10n])).toEqual([65_536, 32_768]);
  });

  it('gives nobody more than a third, of three nobody more than a half', () => {
    expect(shareWeights([30, 1])).toEqual([30, 1]);
    expect(shareWeights([30, 5, 5])).toEqual([10, 5, 5]);
    for (const steps of [
      [30, 1, 1, 1],
      [30, 30, 1, 1],
      [30, 20, 10, 5, 5],
      [7, 7, 7, 7],
      [1, 1, 1, 1],
      [4_096, 4_000, 3, 2, 1],
    ]) {
      const weights = shareWeights(steps);
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      for (const weight of weights) expect(weight * 3, `${steps}`).toBeLessThanOrEqual(total + 2);
      expect(Math.min(...weights), `${steps}`).toBeGreaterThan(0);
    }
  });

  it('stays exact with as many contributors, steps and as large values as there can be', () => {
    const updates = Array.from({ length: 256 }, () =>
      anUpdate([2 ** 30, -(2 ** 30), 2 ** 30 - 1, 1], SPARSE, 4_096),
    );
    const [first, second] = aggregateUpdates(VECTOR, updates).get('a')!;
    expect([first, second]).toEqual([2 ** 30, -(2 ** 30)]);
    expect(() => aggregateUpdates(VECTOR, [...updates, updates[0]!])).toThrow('257 contributors');
  });
});

const RULES: [string, OuterRule, UpdateCodec][] = [
  ['sparse', { kind: 'sparse', learningRate: 0.7 }, SPARSE],
  ['dense', { kind: 'dense', learningRate: 0.7, momentum: 0.9 }, DENSE],
];

describe.each(RULES)('the weights after %s rounds', (_, rule, codec) => {
  const start: RunState = { weights: someWeights(1), momentum: new Map() };

  function play(rounds: number): LoggedRound[] {
    let state = start;
    return Array.from({ length: rounds }, (_, index) => {
      const updates = [1, 2, 3].map((trainer) => someBytes(trainer * 100 + index, codec));
      state = applyRound(
        TABLE,
        rule,
        state,
        updates.map((bytes) => decodeUpdate(bytes, codec, TABLE)),
      );
      return { round: index + 1, updates, root: rootOf(state.weights) };
    });
  }

  it('are reached from a checkpoint and the log of updates by whoever joins late', async () => {
    const rounds = play(4);
    const run = { table: TABLE, codec, rule };
    const middle = await catchUp({ rootOf }, run, { ...start, round: 0 }, rounds.slice(0, 2));
    const end = await catchUp({ rootOf }, run, middle, rounds.slice(2));
    expect(end.round).toBe(4);
    expect(rootOf(end.weights)).toEqual(rounds[3]!.root);
  });

  it('are not taken from a log with a gap, or with another update than was accepted', async () => {
    const rounds = play(2);
    const run = { table: TABLE, codec, rule };
    const checkpoint = { ...start, round: 0 };
    await expect(catchUp({ rootOf }, run, checkpoint, rounds.slice(1))).rejects.toThrow('follows round 0');
    const forged = { ...rounds[0]!, updates: [someBytes(55, codec), ...rounds[0]!.updates.slice(1)] };
    await expect(catchUp({ rootOf }, run, checkpoint, [forged])).rejects.toThrow('the ledger has');
  });

  it('are as before when nothing was accepted', () => {
    expect(applyRound(TABLE, rule, start, [])).toBe(start);
  });
});
