import { applyRound, decodeUpdate, encodeUpdate, type RunState, type Update } from '@cairn/training';
import { describe, expect, it } from 'vitest';
import { createUnclippedPipeline } from '../../src/training/unclipped.ts';

const TABLE = [{ name: 'a', shape: [4] }];
const CODEC = { kind: 'sparse', kept: 4 } as const;
const RULE = { kind: 'sparse', learningRate: 1 } as const;
const START: RunState = { weights: new Map([['a', new Float32Array(4)]]), momentum: new Map() };
/** Weights move by whole multiples of this. */
const UNIT = 2 ** -24;

function anUpdate(values: readonly number[]): Update {
  const header = { run: new Uint8Array(32), round: 0, base: new Uint8Array(32), steps: 5 };
  const { bytes } = encodeUpdate(header, CODEC, TABLE, new Map([['a', Int32Array.from(values)]]));
  return decodeUpdate(bytes, CODEC, TABLE);
}

const unitsOf = ({ weights }: RunState): number[] => Array.from(weights.get('a')!, (weight) => weight / UNIT);

describe('rounds without any defence', () => {
  it('follow the longest update as far as its share of the mean, where a real round cuts it short', () => {
    const honest = anUpdate([100, 0, -100, 0]);
    const loud = anUpdate([-100_000, 0, 100_000, 0]);
    const updates = [honest, honest, honest, loud];
    const open = unitsOf(createUnclippedPipeline(TABLE, RULE, START).close(updates));
    expect(open).toEqual([24_925, 0, -24_925, 0]);
    expect(unitsOf(applyRound(TABLE, RULE, START, updates))).toEqual([-50, 0, 50, 0]);
  });

  it('take the mean over those that sent a value', () => {
    const one = anUpdate([40, 0, 0, 0]);
    const other = anUpdate([0, 0, 0, 40]);
    const pipeline = createUnclippedPipeline(TABLE, RULE, START);
    pipeline.close([one, one, other]);
    expect(unitsOf(pipeline.drain())).toEqual([-40, 0, 0, -40]);
  });

  it('stay where they are without updates', () => {
    expect(createUnclippedPipeline(TABLE, RULE, START).close([])).toBe(START);
  });
});
