import type { EventView } from '@cairn/protocol';
import { IndexError } from '../errors.ts';

/** Most that a 64-bit column of both databases holds. */
const MAX_AMOUNT = 2n ** 63n - 1n;

/** The fields of an event, checked as they are read. */
export interface EventReader {
  /** @throws IndexError `INDEX_EVENT_MALFORMED`, as all of these */
  text(field: string): string;
  textOrNull(field: string): string | null;
  whole(field: string): number;
  wholeOrNull(field: string): number | null;
  /** Decimal text. */
  amount(field: string): bigint;
}

export function readEvent({ name, height, data }: EventView): EventReader {
  const malformed = (field: string, wanted: string): IndexError =>
    new IndexError(
      { code: 'INDEX_EVENT_MALFORMED', event: name, height, field },
      `The event ${name} of block ${height} has no ${field} that is ${wanted}. This release of the index does not know the event in this form: use the one of the node.`,
    );
  const reader: EventReader = {
    text(field) {
      const value = data[field];
      if (typeof value !== 'string') throw malformed(field, 'text');
      return value;
    },
    textOrNull: (field) => (data[field] === null ? null : reader.text(field)),
    whole(field) {
      const value = data[field];
      if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw malformed(field, 'a whole number');
      return value;
    },
    wholeOrNull: (field) => (data[field] === null ? null : reader.whole(field)),
    amount(field) {
      const text = reader.text(field);
      const value = /^\d{1,19}$/.test(text) ? BigInt(text) : MAX_AMOUNT + 1n;
      if (value > MAX_AMOUNT) throw malformed(field, 'an amount below 2^63');
      return value;
    },
  };
  return reader;
}
