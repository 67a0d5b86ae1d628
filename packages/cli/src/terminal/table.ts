import { cutToWidth, displayWidth, padToWidth } from './width.ts';

export interface Column {
  /** Upper case, with the unit of numbers: `STAKE CAIRN`. */
  readonly header: string;
  /** Numbers go right. @default 'left' */
  readonly align?: 'left' | 'right';
  /** May be cut when the terminal is narrow. @default false */
  readonly cut?: boolean;
}

const GAP = 2;
const LEAST_CUT_WIDTH = 6;

/**
 * Lines of a table, the header first, no wider than `columns`. Cells that may be cut give way first, the
 * widest first; whatever is still too wide is cut at the edge.
 *
 * @param rows printable cells, one per column.
 */
export function renderTable(
  layout: readonly Column[],
  rows: readonly (readonly string[])[],
  columns: number,
): string[] {
  const headers = layout.map(({ header }) => header);
  const widths = layout.map((_, index) =>
    Math.max(...[headers, ...rows].map((row) => displayWidth(row[index] ?? ''))),
  );
  shrink(layout, widths, columns);
  return [headers, ...rows].map((row) =>
    cutToWidth(
      layout
        .map(({ align }, index) =>
          padToWidth(cutToWidth(row[index] ?? '', widths[index]!), widths[index]!, align),
        )
        .join(' '.repeat(GAP))
        .trimEnd(),
      columns,
    ),
  );
}

function shrink(layout: readonly Column[], widths: number[], columns: number): void {
  const total = () => widths.reduce((sum, width) => sum + width, (widths.length - 1) * GAP);
  while (total() > columns) {
    let widest = -1;
    layout.forEach(({ cut }, index) => {
      if (cut !== true || widths[index]! <= LEAST_CUT_WIDTH) return;
      if (widest === -1 || widths[index]! > widths[widest]!) widest = index;
    });
    if (widest === -1) return;
    widths[widest]! -= 1;
  }
}
