import {
  ByteListType,
  ByteVectorType,
  ContainerType,
  ListBasicType,
  ListCompositeType,
  UintBigintType,
  UintNumberType,
} from '@chainsafe/ssz';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  account,
  bool,
  bytes,
  bytes32,
  CoreError,
  choice,
  decode,
  encode,
  fixedBytes,
  list,
  optional,
  type Shape,
  struct,
  text,
  u8,
  u16,
  u32,
  u64,
  utf8ToBytes,
} from '../../src/index.ts';

const inner = struct('Inner', { kind: choice('kind', ['pebble', 'stone', 'boulder'], u8), note: text(20) });
const shape = struct('Everything', {
  flag: bool,
  small: u8,
  medium: u16,
  large: u32,
  amount: u64,
  owner: account,
  tag: fixedBytes(4),
  body: bytes(40),
  name: text(40),
  weights: list(u16, 5),
  kinds: list(choice('kind', ['pebble', 'stone', 'boulder'], u8), 4),
  parts: list(inner, 3),
  maybe: optional(bytes32),
  nested: optional(inner),
});

const kind = fc.constantFrom('pebble', 'stone', 'boulder');
const words = (maxLength: number) =>
  fc.string({ unit: fc.constantFrom('a', 'é', '石', ' ', '"', '🪨'), maxLength });
const fixed = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const innerValue = fc.record({ kind, note: words(5) }, { noNullPrototype: true });
const value = fc.record(
  {
    flag: fc.boolean(),
    small: fc.nat(0xff),
    medium: fc.nat(0xffff),
    large: fc.nat(0xffff_ffff),
    amount: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    owner: fixed(32),
    tag: fixed(4),
    body: fc.uint8Array({ maxLength: 40 }),
    name: words(10),
    weights: fc.array(fc.nat(0xffff), { maxLength: 5 }),
    kinds: fc.array(kind, { maxLength: 4 }),
    parts: fc.array(innerValue, { maxLength: 3 }),
    maybe: fc.option(fixed(32)),
    nested: fc.option(innerValue),
  },
  { noNullPrototype: true },
);

/** The same container written with the library alone, as a second opinion. */
const sszInner = new ContainerType({ kind: new UintNumberType(1), note: new ByteListType(20) });
const ssz = new ContainerType({
  amount: new UintBigintType(8),
  body: new ByteListType(40),
  tag: new ByteVectorType(4),
  weights: new ListBasicType(new UintNumberType(2), 5),
  parts: new ListCompositeType(sszInner, 3),
});
const same = struct('Same', {
  amount: u64,
  body: bytes(40),
  tag: fixedBytes(4),
  weights: list(u16, 5),
  parts: list(inner, 3),
});

/** What decoding strangers' bytes gives: a value that is written in exactly these bytes, or a named refusal. */
function isStrict<T>(wanted: Shape<T>, input: Uint8Array): boolean {
  let decoded: T;
  try {
    decoded = decode(wanted, input);
  } catch (error) {
    return error instanceof CoreError && /^CODEC_(MALFORMED|NOT_CANONICAL)$/.test(error.code);
  }
  return Buffer.compare(encode(wanted, decoded), input) === 0;
}

describe('codec', () => {
  it('gives back what it was given, as bytes and as JSON', () => {
    fc.assert(
      fc.property(value, (everything) => {
        const typed = everything as Parameters<typeof shape.toJson>[0];
        expect(decode(shape, encode(shape, typed))).toEqual(typed);
        expect(shape.fromJson(JSON.parse(JSON.stringify(shape.toJson(typed))))).toEqual(typed);
      }),
    );
  });

  it('writes what the SSZ library writes for the same container', () => {
    fc.assert(
      fc.property(value, (everything) => {
        const { amount, body, tag, weights, parts } = everything;
        const ours = encode(same, {
          amount,
          body,
          tag,
          weights,
          parts: parts as { kind: 'pebble'; note: string }[],
        });
        const numbers = { pebble: 0, stone: 1, boulder: 2 } as const;
        const raw = parts.map((part) => ({
          kind: numbers[part.kind as 'stone'],
          note: utf8ToBytes(part.note),
        }));
        expect(ours).toEqual(ssz.serialize({ amount, body, tag, weights, parts: raw }));
      }),
    );
  });

  it('reads noise as a value in its only form or not at all', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => isStrict(shape, noise)),
      { numRuns: 2000 },
    );
  });

  it('reads changed bytes as a value in its only form or not at all', () => {
    const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(value, edits, fc.integer({ min: -3, max: 3 }), (everything, changes, extra) => {
        const good = encode(shape, everything as Parameters<typeof shape.toJson>[0]);
        const bad = new Uint8Array(good.length + extra);
        bad.set(good.subarray(0, bad.length));
        for (const [position, byte] of changes) bad[position % bad.length] = byte;
        return isStrict(shape, bad);
      }),
      { numRuns: 3000 },
    );
  });

  it('refuses every cut and every added byte', () => {
    fc.assert(
      fc.property(value, (everything) => {
        const good = encode(same, everything as Parameters<typeof same.toJson>[0]);
        for (const wrong of [Uint8Array.of(...good, 0), good.subarray(0, -1), good.subarray(1)]) {
          expect(isStrict(same, wrong)).toBe(true);
        }
        expect(() => decode(same, good.subarray(0, 23))).toThrow(
          expect.objectContaining({ code: 'CODEC_MALFORMED' }),
        );
      }),
      { numRuns: 50 },
    );
  });

  it('gives plain bytes of their own, even from a Buffer that is used again', () => {
    const wire = Buffer.from(
      encode(struct('Pair', { a: bytes32, b: bytes(8) }), {
        a: new Uint8Array(32).fill(1),
        b: Uint8Array.of(2),
      }),
    );
    const { a, b } = decode(struct('Pair', { a: bytes32, b: bytes(8) }), wire);
    wire.fill(9);
    expect([a[0], b[0]]).toEqual([1, 2]);
    expect(Object.getPrototypeOf(a)).toBe(Uint8Array.prototype);
  });

  it.each([
    ['u8', u8, 256],
    ['u8', u8, -1],
    ['u8', u8, 1.5],
    ['u8', u8, Number.NaN],
    ['u16', u16, 65_536],
    ['u32', u32, 2 ** 32],
    ['u64', u64, 2n ** 64n],
    ['u64', u64, -1n],
    ['u64', u64, 1],
    ['bytes32', bytes32, new Uint8Array(31)],
    ['bytes', bytes(3), new Uint8Array(4)],
    ['text', text(3), 'four'],
    ['text', text(3), '石石'],
    ['text', text(9), 'a\u0000b'],
    ['text', text(9), 'a\u202eb'],
    ['text', text(9), '\ud800'],
    ['list', list(u8, 2), [1, 2, 3]],
    ['choice', choice('kind', ['a'], u8), 'b'],
  ] as [string, Shape<unknown>, unknown][])('does not write a %s out of its range', (_, wanted, wrong) => {
    expect(() => encode(wanted, wrong)).toThrow(expect.objectContaining({ code: 'VALUE_OUT_OF_RANGE' }));
  });

  it.each([
    ['a truth value of 2', bool, [2]],
    ['an unknown choice', choice('kind', ['a'], u8), [1]],
    ['half a number', u16, [1]],
    ['a number and a half', u16, [1, 2, 3]],
    ['two values where one may be', optional(u8), [1, 2]],
    ['more items than allowed', list(u8, 2), [1, 2, 3]],
    ['text that is no UTF-8', text(9), [0xff]],
    ['overlong UTF-8', text(9), [0xc0, 0x80]],
    ['text with a byte order mark', text(9), [0xef, 0xbb, 0xbf, 0x61]],
    ['an offset that points backwards', list(bytes(4), 3), [8, 0, 0, 0, 4, 0, 0, 0]],
    ['an offset beyond the end', list(bytes(4), 3), [8, 0, 0, 0, 9, 0, 0, 0]],
    ['a first offset that leaves a gap', list(bytes(4), 3), [5, 0, 0, 0, 1]],
    ['a first offset of zero', list(bytes(4), 3), [0, 0, 0, 0]],
    ['a first offset that promises a billion items', list(bytes(4), 3), [0, 0, 0, 0x40]],
    ['a gap between the fields', struct('Gap', { b: bytes(4) }), [5, 0, 0, 0, 0]],
  ] as [string, Shape<unknown>, number[]][])('refuses %s', (_, wanted, input) => {
    expect(() => decode(wanted, Uint8Array.from(input))).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^CODEC_/) }),
    );
  });

  it.each([
    [u8, '1'],
    [u64, 1],
    [u64, '01'],
    [u64, '18446744073709551616'],
    [u64, '1\n'],
    [bool, 'true'],
    [bytes(4), 'AB'],
    [bytes(4), 'abc'],
    [bytes32, 'ab'],
    [account, 'ab'.repeat(32)],
    [list(u8, 1), {}],
    [list(u8, 1), [1, 2]],
    [inner, { kind: 'pebble' }],
    [inner, { kind: 'pebble', note: '', extra: 1 }],
    [inner, { kind: 0, note: '' }],
    [inner, []],
    [inner, null],
    [optional(u8), undefined],
  ] as [Shape<unknown>, unknown][])('refuses JSON that is not of its schema: %#', (wanted, json) => {
    expect(() => wanted.fromJson(json)).toThrow(CoreError);
  });

  it('takes no member from the prototype of a JSON object', () => {
    const poisoned = Object.create({ kind: 'pebble', note: '' });
    expect(() => inner.fromJson(poisoned)).toThrow(expect.objectContaining({ code: 'VALUE_OUT_OF_RANGE' }));
    expect(() => inner.fromJson(JSON.parse('{"kind":"pebble","note":"","__proto__":{}}'))).toThrow(CoreError);
  });
});
