import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAmount, mulDiv, mulDivUp, PEBBLES_PER_CAIRN, parseAmount, SUPPLY_CAP } from '../src/index.ts';

const amount = fc.bigInt({ min: 0n, max: SUPPLY_CAP });

describe('amount', () => {
  it.each([
    ['0', 0n],
    ['1', PEBBLES_PER_CAIRN],
    ['1.5', 1_500_000_000n],
    ['0.000000001', 1n],
    ['21000000', SUPPLY_CAP],
    ['001.10', 1_100_000_000n],
  ])('reads %s', (text, pebbles) => {
    expect(parseAmount(text)).toBe(pebbles);
  });

  it.each([
    '',
    '.',
    '1.',
    '.5',
    '-1',
    '+1',
    '1e9',
    '1,5',
    ' 1',
    '1\n',
    '0x1',
    '1.0000000001',
    '123456789',
    '\u0661',
    'NaN',
  ])('refuses %j', (text) => {
    expect(() => parseAmount(text)).toThrow(expect.objectContaining({ code: 'AMOUNT_MALFORMED' }));
  });

  it('is the same after it was written and read', () => {
    fc.assert(
      fc.property(amount, (pebbles) => {
        const text = formatAmount(pebbles);
        expect(parseAmount(text)).toBe(pebbles);
        expect(text).not.toMatch(/\.\d*0$|\.$/);
        if (pebbles > 0n) expect(formatAmount(-pebbles)).toBe(`-${text}`);
      }),
    );
  });

  it('is shared without losing or making a pebble', () => {
    fc.assert(
      fc.property(amount, fc.bigInt({ min: 0n, max: 65_535n }), (whole, part) => {
        const down = mulDiv(whole, part, 65_535n);
        const up = mulDivUp(whole, part, 65_535n);
        expect(down + mulDivUp(whole, 65_535n - part, 65_535n)).toBe(whole);
        expect(up - down).toBe((whole * part) % 65_535n === 0n ? 0n : 1n);
      }),
    );
  });
});
