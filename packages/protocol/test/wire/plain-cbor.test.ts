import { decode, encode } from 'cborg';
import { describe, expect, it } from 'vitest';
import { readPlainCbor, writePlainCbor } from '../../src/wire/plain-cbor.ts';

const SEED = 20_261;

/** Numbers below a bound, the same each time. */
function createDraw(seed: number) {
  let state = seed;
  return (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const LENGTHS = [0, 1, 23, 24, 25, 63, 64, 65, 255, 256, 300];
const NUMBERS = [
  0,
  1,
  23,
  24,
  255,
  256,
  65_535,
  65_536,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53 - 1,
  0.1,
  0.5,
  1.5,
  -0.7,
];

function drawValue(draw: (below: number) => number, levels: number): unknown {
  const length = LENGTHS[draw(LENGTHS.length)]!;
  switch (draw(levels > 0 ? 8 : 6)) {
    case 0:
      return NUMBERS[draw(NUMBERS.length)]! * (draw(2) === 0 ? 1 : -1);
    case 1:
      return Uint8Array.from({ length }, () => draw(256));
    case 2:
      return 'x'.repeat(length);
    case 3:
      return 'ä€😀'.repeat(length % 30);
    case 4:
      return draw(2) === 0;
    case 5:
      return null;
    case 6:
      return Array.from({ length: length % 30 }, () => drawValue(draw, levels - 1));
    default:
      return Object.fromEntries(
        Array.from({ length: length % 30 }, () => [
          `k${draw(1000)}`.repeat(1 + draw(4)),
          drawValue(draw, levels - 1),
        ]),
      );
  }
}

describe('plain CBOR', () => {
  it('writes the bytes that the library writes, or leaves them to it', () => {
    const draw = createDraw(SEED);
    let written = 0;
    for (let round = 0; round < 2_000; round++) {
      const value = drawValue(draw, 3);
      const bytes = writePlainCbor(value);
      if (bytes === null) continue;
      written += 1;
      expect(bytes, `seed ${SEED}, round ${round}`).toEqual(Uint8Array.from(encode(value)));
    }
    expect(written).toBeGreaterThan(1_000);
  });

  it('reads what the library reads, or leaves it to it', () => {
    const draw = createDraw(SEED);
    let read = 0;
    for (let round = 0; round < 2_000; round++) {
      const bytes = encode(drawValue(draw, 3));
      const value = readPlainCbor(bytes);
      if (value === undefined) continue;
      read += 1;
      expect(value, `seed ${SEED}, round ${round}`).toEqual(decode(bytes));
    }
    expect(read).toBeGreaterThan(1_000);
  });

  it('takes no bytes but those it would write', () => {
    const draw = createDraw(SEED);
    for (let round = 0; round < 20_000; round++) {
      const bytes = encode(drawValue(draw, 2));
      for (let changes = 1 + draw(3); changes > 0; changes--) bytes[draw(bytes.length)] = draw(256);
      const length = draw(4) === 0 ? draw(bytes.length + 1) : bytes.length;
      const hostile = bytes.subarray(0, length);
      const value = readPlainCbor(hostile);
      if (value === undefined) continue;
      expect(Uint8Array.from(encode(value)), `seed ${SEED}, round ${round}`).toEqual(
        Uint8Array.from(hostile),
      );
    }
  });

  it.each([
    ['nothing', ''],
    ['two values', '0101'],
    ['a number in more bytes than it needs', '1801'],
    ['a list of unknown length', '9f01ff'],
    ['a list longer than its bytes', '9b001fffffffffffff'],
    ['a tag', 'c001'],
    ['undefined', 'f7'],
    ['a number that is none', 'f97e00'],
    ['names out of order', 'a2616201616102'],
    ['a name twice', 'a2616101616102'],
    ['the name of a prototype', 'a1695f5f70726f746f5f5fa0'],
    ['text that is not UTF-8', '62c328'],
    ['bytes that are cut off', '4401'],
    ['nine levels', '818181818181818181818101'],
  ])('leaves %s to the strict reader', (_, hex) => {
    expect(readPlainCbor(Uint8Array.from(Buffer.from(hex, 'hex')))).toBeUndefined();
  });

  it.each([
    ['undefined', { a: undefined }],
    ['a bigint', { a: 1n }],
    ['half a number', [0.5]],
    ['infinity', Number.POSITIVE_INFINITY],
    ['a map', new Map()],
    ['a long name', { ['n'.repeat(24)]: 1 }],
    ['a name that is not ASCII', { ä: 1 }],
  ])('leaves writing %s to the library', (_, value) => {
    expect(writePlainCbor(value)).toBeNull();
  });

  it('hands out bytes that are no part of the frame', () => {
    const frame = Buffer.from([0x41, 7]);
    const read = readPlainCbor(frame) as Uint8Array;
    frame[1] = 9;
    expect(read).toEqual(Uint8Array.of(7));
  });
});
