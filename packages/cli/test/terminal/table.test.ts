import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderTable } from '../../src/terminal/table.ts';
import { cutToWidth, displayWidth } from '../../src/terminal/width.ts';

const layout = [
  { header: 'NAME', cut: true },
  { header: 'STAKE CAIRN', align: 'right' },
] as const;

describe('renderTable', () => {
  it('puts numbers to the right and never cuts them while text can give way', () => {
    expect(
      renderTable(
        layout,
        [
          ['a-very-long-name-of-a-miner', '1.00'],
          ['b', '12,345.00'],
        ],
        24,
      ),
    ).toEqual(['NAME         STAKE CAIRN', 'a-very-lon…         1.00', 'b              12,345.00']);
  });

  it('cuts nothing where there is no terminal', () => {
    const name = 'x'.repeat(500);
    expect(renderTable(layout, [[name, '1']], Number.POSITIVE_INFINITY)[1]).toContain(name);
  });

  it('never makes a line wider than the terminal', () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => text.replace(/\p{C}/gu, ''));
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell)), fc.integer({ min: 1, max: 60 }), (rows, columns) => {
        for (const line of renderTable(layout, rows, columns)) {
          expect(displayWidth(line), line).toBeLessThanOrEqual(columns);
        }
      }),
    );
  });
});

describe('cutToWidth', () => {
  it('counts wide characters as two columns', () => {
    expect(cutToWidth('漢字漢字', 5)).toBe('漢字…');
  });
});
