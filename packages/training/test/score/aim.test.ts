import type { TensorTable } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { sizeOf } from '../../src/index.ts';
import { aimOf } from '../../src/score/aim.ts';
import { aRandom } from '../support/random.ts';
import { TABLE } from '../update/changes.ts';

/** Numbers around 0 that are seldom large, as slopes are. */
function aSlope(unit: () => number): TensorTable {
  return new Map(
    TABLE.map(({ name, shape }) => [
      name,
      Float32Array.from({ length: sizeOf(shape) }, () => (2 * unit() - 1) ** 3 * 0.01),
    ]),
  );
}

/** Noise of a length, with a share of what goes down the slope, of which only some values are sent. */
function aMix(slope: TensorTable, unit: () => number, { length = 2 ** 20, share = 0, sent = 1 } = {}) {
  return new Map(
    Array.from(slope, ([name, values]) => [
      name,
      Int32Array.from(values, (value) => {
        const noise = 2 * unit() - 1;
        return unit() < sent ? Math.round(length * (noise + share * Math.sign(value))) : 0;
      }),
    ]),
  );
}

const SEEDS = [1, 20, 300];

describe.each(SEEDS)('the aim of an update (seed %i)', (seed) => {
  const { unit } = aRandom(seed);
  const slope = aSlope(unit);

  it('is that of chance for noise, however long it is and however little of it is sent', () => {
    for (const [length, sent] of [
      [2 ** 20, 1],
      [2 ** 10, 1],
      [2 ** 24, 1 / 16],
    ] as const) {
      const aims = Array.from({ length: 40 }, () => aimOf(slope, aMix(slope, unit, { length, sent })));
      const said = `length ${length}, ${sent} sent`;
      const squares = aims.reduce((sum, aim) => sum + aim * aim, 0) / aims.length;
      expect(squares, said).toBeGreaterThan(0.3);
      expect(squares, said).toBeLessThan(2);
      expect(aims.filter((aim) => aim >= 2.5).length, said).toBeLessThanOrEqual(3);
    }
  });

  it('is far from chance for what goes down the slope under much noise, and as far below for the opposite', () => {
    const mixed = aMix(slope, unit, { share: 0.2 });
    expect(aimOf(slope, mixed)).toBeGreaterThan(10);
    const opposite = new Map(Array.from(mixed, ([name, values]) => [name, values.map((value) => -value)]));
    expect(aimOf(slope, opposite)).toBeCloseTo(-aimOf(slope, mixed), 9);
  });

  it('is the same for every multiple of an update and of the slope', () => {
    const update = aMix(slope, unit, { share: 0.1 });
    const longer = new Map(Array.from(update, ([name, values]) => [name, values.map((value) => 7 * value)]));
    const steeper = new Map(Array.from(slope, ([name, values]) => [name, values.map((value) => 4 * value)]));
    expect(aimOf(slope, longer)).toBeCloseTo(aimOf(slope, update), 9);
    expect(aimOf(steeper, update)).toBeCloseTo(aimOf(slope, update), 9);
  });
});

describe('the aim of nothing', () => {
  it('is 0, and that by a slope that is no number is none', () => {
    const nothing = new Map(TABLE.map(({ name, shape }) => [name, new Int32Array(sizeOf(shape))]));
    const slope = aSlope(aRandom(5).unit);
    expect(aimOf(slope, nothing)).toBe(0);
    const broken = new Map(Array.from(slope, ([name, values]) => [name, values.map(() => Number.NaN)]));
    expect(aimOf(broken, aMix(slope, aRandom(6).unit))).toBeNaN();
  });
});
