import { describe, expect, it } from 'vitest';
import { readSafetensors, writeSafetensors } from '../../src/weights/safetensors.ts';
import { aRandom } from '../support/random.ts';

const TENSORS = [
  { name: 'b', shape: [2, 3] },
  { name: 'a', shape: [5] },
];
const WEIGHTS = new Map([
  ['b', Float32Array.of(1, -2.5, 3, 1e-30, -0, 6)],
  ['a', Float32Array.of(1, 2, 3, 4, 5)],
]);
const aFile = (): Uint8Array =>
  Uint8Array.from(Buffer.concat([...writeSafetensors(TENSORS, WEIGHTS, { run: 'x' })]));

/** A file with any header over so many bytes of data. */
function withHeader(header: unknown, dataBytes: number): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const file = Buffer.alloc(8 + json.length + dataBytes);
  file.writeBigUInt64LE(BigInt(json.length));
  json.copy(file, 8);
  return Uint8Array.from(file);
}

const entry = (shape: unknown, start: unknown, end: unknown, dtype: unknown = 'F32') => ({
  dtype,
  shape,
  data_offsets: [start, end],
});

describe('a safetensors file', () => {
  it('gives back what was written, in the same order', () => {
    expect(readSafetensors(aFile())).toEqual({
      tensors: TENSORS,
      weights: WEIGHTS,
      metadata: { format: 'pt', run: 'x' },
    });
  });

  it('is read from a Buffer of Node as well', () => {
    expect(readSafetensors(Buffer.from(aFile()))).toEqual(readSafetensors(aFile()));
  });

  it('has its numbers at a multiple of eight bytes, as readers that map files want', () => {
    const length = new DataView(aFile().buffer).getBigUint64(0, true);
    expect(length % 8n).toBe(0n);
  });

  it('of half-precision and brain floats is read as single precision', () => {
    const file = withHeader({ h: entry([2], 0, 4, 'F16'), b: entry([1], 4, 6, 'BF16') }, 6);
    file.set([0x00, 0x3c, 0x00, 0xc2, 0x80, 0x3f], file.length - 6);
    const { weights } = readSafetensors(file);
    expect(weights).toEqual(
      new Map([
        ['h', Float32Array.of(1, -3)],
        ['b', Float32Array.of(1)],
      ]),
    );
  });

  it.each([
    ['shorter than a header', new Uint8Array(5), 'shorter than its header'],
    ['whose header is longer than the file', new Uint8Array(64).fill(255), 'says that its header has'],
    ['that is no JSON', withHeader('{"a":', 0), 'not JSON'],
    ['of a list', withHeader('[]', 0), 'no object'],
    [
      'with an enormous shape',
      withHeader({ a: entry([2 ** 40, 2 ** 40], 0, 16) }, 16),
      'and its place differ',
    ],
    ['with a negative length', withHeader({ a: entry([-4], 0, 16) }, 16), 'no shape'],
    ['with a place behind its end', withHeader({ a: entry([1], 8, 4) }, 16), 'place differ'],
    [
      'with overlapping tensors',
      withHeader({ a: entry([2], 0, 8), b: entry([2], 4, 12) }, 12),
      'does not begin where',
    ],
    ['with a gap', withHeader({ a: entry([1], 0, 4), b: entry([1], 8, 12) }, 12), 'does not begin where'],
    ['that is cut off', withHeader({ a: entry([4], 0, 16) }, 8), 'do not fill the file'],
    ['with bytes behind the last tensor', withHeader({ a: entry([1], 0, 4) }, 8), 'do not fill the file'],
    ['of another type', withHeader({ a: entry([1], 0, 4, 'I32') }, 4), 'a type other than'],
    [
      'of a type from the prototype',
      withHeader({ a: entry([1], 0, 4, 'constructor') }, 4),
      'a type other than',
    ],
    ['with an entry that is nothing', withHeader({ a: null }, 0), 'a type other than'],
    ['with too many dimensions', withHeader({ a: entry(new Array(9).fill(1), 0, 4) }, 4), 'no shape'],
    ['with metadata of numbers', withHeader({ __metadata__: { a: 1 } }, 0), 'no texts'],
  ])('%s is refused', (_, file, reason) => {
    expect(() => readSafetensors(file)).toThrow(reason);
  });

  it('of any bytes is read or refused, never worse (seed 5)', () => {
    const random = aRandom(5);
    for (let trial = 0; trial < 500; trial++) {
      const file = aFile();
      for (let edit = 0; edit <= random.below(3); edit++) file[random.below(file.length)] = random.below(256);
      try {
        readSafetensors(file.subarray(0, random.below(4) === 0 ? random.below(file.length) : file.length));
      } catch (error) {
        expect(error, `trial ${trial}`).toMatchObject({ code: 'WEIGHTS_MALFORMED' });
      }
    }
  });
});
