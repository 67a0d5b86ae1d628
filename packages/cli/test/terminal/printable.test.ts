import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable, printableText } from '../../src/terminal/printable.ts';

describe('printable', () => {
  it('shows what would move the cursor, colour or reorder as an escape', () => {
    expect(printable('a\x1b[31mred\x07\u202egpj.exe\r\n')).toBe(
      'a\\u{1b}[31mred\\u{7}\\u{202e}gpj.exe\\u{d}\\u{a}',
    );
  });

  it('leaves letters, marks and emoji of all scripts alone', () => {
    expect(printable('Ünïcødé 漢字 שלום 🎉')).toBe('Ünïcødé 漢字 שלום 🎉');
  });

  it('lets no control or formatting character through, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(/[\p{C}\p{Zl}\p{Zp}]/u.test(printable(text)), JSON.stringify(text)).toBe(false);
        expect(/[^\n\t\P{C}]/u.test(printableText(text)), JSON.stringify(text)).toBe(false);
      }),
    );
  });

  it('keeps the lines of an answer', () => {
    expect(printableText('one\r\n\ttwo\x1b[2J')).toBe('one\n\ttwo\\u{1b}[2J');
  });
});
