import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  areBytesEqual,
  bytesToHex,
  bytesToUtf8,
  compareBytes,
  concatBytes,
  hexToBytes,
  u64ToBytes,
  utf8ToBytes,
} from '../src/index.ts';

const anyBytes = fc.uint8Array({ maxLength: 200 });

describe('bytes', () => {
  it('are the same after hexadecimal and back', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const hex = bytesToHex(bytes);
        expect(hexToBytes(hex)).toEqual(bytes);
        expect(hex).toBe(Buffer.from(bytes).toString('hex'));
      }),
    );
  });

  it.each(['0', 'abc', 'AB', 'zz', ' ab', 'ab\n', '0x', 'a\u0660'])('refuse %j as hexadecimal', (text) => {
    expect(() => hexToBytes(text)).toThrow(expect.objectContaining({ code: 'BYTES_MALFORMED' }));
  });

  it('are ordered as Buffer orders them, and equal only to themselves', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 4, max: 3 }),
        fc.uint8Array({ maxLength: 4, max: 3 }),
        (a, b) => {
          expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(a, b));
          expect(areBytesEqual(a, b)).toBe(Buffer.compare(a, b) === 0);
        },
      ),
    );
  });

  it('joined are each part in turn, in memory of their own', () => {
    fc.assert(
      fc.property(fc.array(anyBytes, { maxLength: 6 }), (parts) => {
        const whole = concatBytes(...parts);
        expect(whole).toEqual(Uint8Array.from(parts.flatMap((part) => [...part])));
        for (const part of parts) part.fill(0xee);
        expect(whole.length).toBe(parts.reduce((sum, part) => sum + part.length, 0));
      }),
    );
  });

  it('of well-formed text are the same text again, with a byte order mark kept', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(bytesToUtf8(utf8ToBytes(text))).toBe(text);
      }),
    );
    expect(bytesToUtf8(utf8ToBytes('\ufeffx'))).toBe('\ufeffx');
  });

  it('that are text are written again as they were', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        let text: string;
        try {
          text = bytesToUtf8(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: 'BYTES_MALFORMED' });
          return;
        }
        expect(utf8ToBytes(text)).toEqual(bytes);
      }),
    );
  });

  it.each(['c080', 'eda080', 'f4908080', 'ff', 'c3', 'e282'])('refuse %s, which is no UTF-8', (hex) => {
    expect(() => bytesToUtf8(hexToBytes(hex))).toThrow(expect.objectContaining({ code: 'BYTES_MALFORMED' }));
  });

  it('of a number are big-endian', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
        expect(BigInt(`0x${bytesToHex(u64ToBytes(value))}`)).toBe(value);
      }),
    );
  });
});
