import { formatAmount } from '@cairn/core';
import { printable } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';

/** Pebbles as text → exact CAIRN. */
export function formatAmountText(pebbles: string): string {
  return formatAmount(BigInt(pebbles));
}

/** A table of events under a blank line; nothing when there are none. Amounts are in pebbles, as events carry them. */
export function describeEvents(
  events: readonly { readonly name: string; readonly data: Readonly<Record<string, unknown>> }[],
  columns: number,
): string[] {
  if (events.length === 0) return [];
  return [
    '',
    ...renderTable(
      [{ header: 'EVENT' }, { header: 'DATA', cut: true }],
      events.map(({ name, data }) => [
        printable(name),
        printable(
          Object.entries(data)
            .map(([key, value]) => `${key}=${textOf(value)}`)
            .join(' '),
        ),
      ]),
      columns,
    ),
  ];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
