import { describe, expect, it } from 'vitest';
import {
  changeOf,
  decodeUpdate,
  emptyResidual,
  encodeUpdate,
  maxUpdateBytes,
  type SparseTensor,
  type Update,
  type UpdateCodec,
} from '../../src/index.ts';
import { aChange, HEADER, TABLE } from './changes.ts';

const CODECS: UpdateCodec[] = [
  { kind: 'sparse', kept: 64 },
  { kind: 'sparse', kept: 256 },
  { kind: 'sparse', kept: 1 },
  { kind: 'sparse', kept: 4_096 },
  { kind: 'dense' },
];
const SPARSE: UpdateCodec = { kind: 'sparse', kept: 64 };

/** What an update says, tensor by tensor, in units. */
function unitsOf(update: Update): Map<string, Int32Array> {
  return new Map(
    update.tensors.map((tensor, index) => {
      const units = new Int32Array(tensor.size);
      if (tensor.kind === 'dense')
        for (let i = 0; i < tensor.size; i += 1)
          units[i] = tensor.values[i]! * tensor.scales[Math.floor(i / 4_096)]!;
      else for (const [i, place] of tensor.positions.entries()) units[place] = tensor.book[tensor.codes[i]!]!;
      return [TABLE[index]!.name, units];
    }),
  );
}

describe.each(CODECS)('an update ($kind, $kept kept)', (codec) => {
  it('says the same after it was written and read', () => {
    const changes = aChange(3);
    const { bytes } = encodeUpdate(HEADER, codec, TABLE, changes);
    const update = decodeUpdate(bytes, codec, TABLE);
    expect(update.header).toEqual(HEADER);
    expect(bytes.length).toBeLessThanOrEqual(maxUpdateBytes(codec, TABLE));
    expect(encodeUpdate(HEADER, codec, TABLE, aChange(3)).bytes).toEqual(bytes);
  });

  it('is refused when it is cut anywhere, and when a byte follows', () => {
    const { bytes } = encodeUpdate(HEADER, codec, TABLE, aChange(5));
    for (let length = 0; length < bytes.length; length += length < 200 ? 1 : 97)
      expect(() => decodeUpdate(bytes.subarray(0, length), codec, TABLE), `${length} bytes`).toThrow(
        'The update is malformed',
      );
    const longer = new Uint8Array(bytes.length + 1);
    longer.set(bytes);
    expect(() => decodeUpdate(longer, codec, TABLE)).toThrow('The update is malformed');
  });

  it('says whole numbers within bounds, or is refused, whatever bit a stranger turns', () => {
    const { bytes } = encodeUpdate(HEADER, codec, TABLE, aChange(11));
    let refused = 0;
    for (let turn = 0; turn < 600; turn += 1) {
      const bit = turn < 200 ? 112 * 8 + turn : (turn * 7_919) % (bytes.length * 8);
      const turned = bytes.slice();
      turned[bit >>> 3]! ^= 1 << (bit & 7);
      let update: Update;
      try {
        update = decodeUpdate(turned, codec, TABLE);
      } catch (error) {
        expect(error, `bit ${bit}`).toMatchObject({ problem: { code: 'UPDATE_MALFORMED' } });
        refused += 1;
        continue;
      }
      for (const units of unitsOf(update).values())
        for (const unit of units) if (Math.abs(unit) > 2 ** 30 + 127) throw new Error(`bit ${bit}: ${unit}`);
    }
    expect(refused).toBeGreaterThan(0);
  });

  it('is refused for another table and another codec', () => {
    const { bytes } = encodeUpdate(HEADER, codec, TABLE, aChange(5));
    expect(() => decodeUpdate(bytes, codec, TABLE.slice(1))).toThrow('The update is malformed');
    const reshaped = [{ name: 'a', shape: [64, 129] }, ...TABLE.slice(1)];
    expect(() => decodeUpdate(bytes, codec, reshaped)).toThrow('another size');
    expect(() => decodeUpdate(bytes, { kind: 'sparse', kept: 63 }, TABLE)).toThrow('The update is malformed');
  });
});

describe('a sparse update', () => {
  it('carries the largest values of each block, the first of equal ones', () => {
    const changes = aChange(21);
    const before = new Map(Array.from(changes, ([name, values]) => [name, values.slice()]));
    const update = decodeUpdate(encodeUpdate(HEADER, SPARSE, TABLE, changes).bytes, SPARSE, TABLE);
    for (const [index, { name }] of TABLE.entries()) {
      const values = before.get(name)!;
      const expected: number[] = [];
      for (let start = 0; start < values.length; start += 4_096) {
        const places = Array.from(values.subarray(start, start + 4_096), (_, i) => start + i);
        places.sort((a, b) => Math.abs(values[b]!) - Math.abs(values[a]!) || a - b);
        expected.push(...places.slice(0, 64).sort((a, b) => a - b));
      }
      expect(Array.from((update.tensors[index] as SparseTensor).positions), name).toEqual(expected);
    }
  });

  it('carries the first values of a block of zeros, and of a block of equal values', () => {
    const table = [{ name: 'a', shape: [8_192] }];
    const values = new Int32Array(8_192).fill(500_000, 4_096);
    const { bytes } = encodeUpdate(HEADER, SPARSE, table, new Map([['a', values]]));
    const [tensor] = decodeUpdate(bytes, SPARSE, table).tensors as SparseTensor[];
    expect(tensor!.positions[63]).toBe(63);
    expect(tensor!.positions[127]).toBe(4_096 + 63);
  });

  it('keeps exactly what it did not send: sent and left together are the change', () => {
    let residual = emptyResidual(TABLE);
    const sent = new Map(TABLE.map(({ name }) => [name, new Float64Array(residual.get(name)!.length)]));
    const made = new Map(TABLE.map(({ name }) => [name, new Float64Array(residual.get(name)!.length)]));
    for (let round = 0; round < 20; round += 1) {
      const changes = aChange(100 + round);
      for (const { name } of TABLE) {
        const values = changes.get(name)!;
        for (let i = 0; i < values.length; i += 1) {
          made.get(name)![i]! += values[i]!;
          values[i]! += residual.get(name)![i]!;
        }
      }
      const encoded = encodeUpdate({ ...HEADER, round }, SPARSE, TABLE, changes);
      ({ residual } = encoded);
      for (const [name, units] of unitsOf(decodeUpdate(encoded.bytes, SPARSE, TABLE)))
        for (let i = 0; i < units.length; i += 1) sent.get(name)![i]! += units[i]!;
    }
    for (const { name } of TABLE) {
      const left = residual.get(name)!;
      expect(
        Array.from(sent.get(name)!, (value, i) => value + left[i]!),
        name,
      ).toEqual(Array.from(made.get(name)!));
    }
  });

  it('lets go of what it keeps by the decay', () => {
    const table = [{ name: 'a', shape: [4] }];
    const base = new Map([['a', Float32Array.of(1, 1, 1, 1)]]);
    const change = changeOf(table, base, base, {
      residual: new Map([['a', Int32Array.of(100, -100, 3, -3)]]),
      decay: 0.95,
    });
    expect(Array.from(change.get('a')!)).toEqual([95, -95, 3, -3]);
  });

  it('is 200 times smaller than the change in floats at 64 of 4,096', () => {
    const table = [{ name: 'a', shape: [1_024, 1_024] }];
    const { bytes } = encodeUpdate(HEADER, SPARSE, table, aChange(1, table));
    expect((1_024 * 1_024 * 4) / bytes.length).toBeGreaterThan(200);
  });
});

describe('a change', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY])('is none when a weight is %s', (weight) => {
    const table = [{ name: 'a', shape: [3] }];
    const base = new Map([['a', Float32Array.of(1, 2, 3)]]);
    const trained = new Map([['a', Float32Array.of(1, weight, 3)]]);
    expect(() => changeOf(table, base, trained)).toThrow('no finite numbers');
  });

  it('is held within bounds', () => {
    const table = [{ name: 'a', shape: [2] }];
    const base = new Map([['a', Float32Array.of(1e9, -1e9)]]);
    const change = changeOf(table, base, new Map([['a', new Float32Array(2)]]));
    expect(Array.from(change.get('a')!)).toEqual([2 ** 30, -(2 ** 30)]);
  });
});

describe('a hostile update', () => {
  const table = [{ name: 'a', shape: [8] }];
  const whole: UpdateCodec = { kind: 'sparse', kept: 64 };
  const bytes = encodeUpdate(
    HEADER,
    whole,
    table,
    new Map([['a', Int32Array.of(-9, -3, 2, 8, 1, -4, 7, 5)]]),
  ).bytes;
  const bookAt = 84;

  function altered(alter: (view: DataView, copy: Uint8Array) => void): () => Update {
    const copy = bytes.slice();
    alter(new DataView(copy.buffer), copy);
    return () => decodeUpdate(copy, whole, table);
  }

  it('is refused when its book does not rise', () => {
    expect(altered((view) => view.setInt32(bookAt, -1, true))).toThrow('do not rise');
    expect(altered((view) => view.setInt32(bookAt + 12, 2 ** 30 + 1, true))).toThrow('do not rise');
    expect(altered((view) => view.setInt32(bookAt + 8, -2, true))).toThrow('wrong sign');
  });

  it('is refused when it claims no steps, too many, or another version', () => {
    expect(altered((view) => view.setUint16(8, 0, true))).toThrow('0 steps');
    expect(altered((view) => view.setUint16(8, 4_097, true))).toThrow('4097 steps');
    expect(altered((_, copy) => copy.set([2], 4))).toThrow('version is 2');
  });

  it('is refused by its length before anything of it is read', () => {
    expect(() => decodeUpdate(new Uint8Array(1e6), whole, table)).toThrow('1000000 bytes are too many');
  });

  it('is refused when it claims more bytes of gaps than there can be', () => {
    expect(altered((view) => view.setUint32(bookAt + 16, 0xffff_ffff, true))).toThrow(
      'more bytes than they can',
    );
  });
});
