import { describe, expect, it } from 'vitest';
import { quantise } from '../../src/weights/gguf-quantise.ts';
import { fromHalf, toHalf } from '../../src/weights/half.ts';
import { aRandom } from '../support/random.ts';

describe('half precision', () => {
  it('gives back every half', () => {
    for (let bits = 0; bits < 65_536; bits++) {
      const value = fromHalf(bits);
      if (!Number.isNaN(value)) expect(toHalf(value), `bits ${bits}`).toBe(bits);
    }
  });

  it('rounds to the nearest, ties to even', () => {
    expect(fromHalf(toHalf(1 + 2 ** -11))).toBe(1);
    expect(fromHalf(toHalf(1 + 3 * 2 ** -11))).toBe(1 + 2 ** -9);
    expect(fromHalf(toHalf(1 + 2 ** -11 + 2 ** -20))).toBe(1 + 2 ** -10);
    expect(fromHalf(toHalf(2 ** -25))).toBe(0);
    expect(fromHalf(toHalf(2 ** -25 * 1.01))).toBe(2 ** -24);
    expect(fromHalf(toHalf(65_519))).toBe(65_504);
    expect(fromHalf(toHalf(65_520))).toBe(Number.POSITIVE_INFINITY);
    expect(fromHalf(toHalf(Number.NaN))).toBeNaN();
  });

  it('is never further off than any other half (seed 3)', () => {
    const random = aRandom(3);
    for (let trial = 0; trial < 5_000; trial++) {
      const value = Math.fround((random.unit() - 0.5) * 2 ** (random.below(36) - 18));
      const bits = toHalf(value);
      const error = Math.abs(fromHalf(bits) - value);
      for (const other of [bits - 1, bits + 1])
        if ((other & 0x7fff) < 0x7c00)
          expect(error, `${value}`).toBeLessThanOrEqual(Math.abs(fromHalf(other & 0xffff) - value));
    }
  });
});

describe('q8_0', () => {
  it('is off by at most half a step and the rounding of the scale (seed 4)', () => {
    const random = aRandom(4);
    const values = Float32Array.from(
      { length: 32 * 200 },
      () => (random.unit() - 0.5) * 10 ** (random.below(6) - 3),
    );
    const bytes = quantise(values, 'q8_0');
    const view = new DataView(bytes.buffer);
    expect(bytes).toHaveLength(34 * 200);
    for (let i = 0; i < values.length; i++) {
      const at = 34 * Math.floor(i / 32);
      const scale = fromHalf(view.getUint16(at, true));
      const error = Math.abs(view.getInt8(at + 2 + (i % 32)) * scale - values[i]!);
      expect(error, `number ${i}`).toBeLessThanOrEqual(scale * (0.5 + 127 * 2 ** -11) + 2 ** -25 * 127);
    }
  });

  it('of zeros is zeros, and halves are rounded away from zero', () => {
    expect(quantise(new Float32Array(32), 'q8_0')).toEqual(new Uint8Array(34));
    const bytes = new Int8Array(
      quantise(Float32Array.of(127, 0.5, -0.5, 1.5, ...new Array(28).fill(0)), 'q8_0').buffer,
    );
    expect([...bytes.subarray(2, 6)]).toEqual([127, 1, -1, 2]);
  });
});
