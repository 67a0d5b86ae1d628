import type { FixedMatrix } from '@cairn/core';
import { readFixed, readList } from './read-fields.ts';

/** Reads decimal literals of a case as raw I32F32. */
export interface LiteralReader {
  /** @throws ProvingError `VECTOR_FIELD_MALFORMED` */
  fixed(value: unknown, name: string): bigint;
  raw(value: unknown, name: string): number;
  vector(value: unknown, name: string): Float64Array;
  matrix(value: unknown, name: string): FixedMatrix;
}

function createLiteralReader(round: (value: number) => number): LiteralReader {
  const fixed = (value: unknown, name: string): bigint =>
    readFixed(typeof value === 'number' ? round(value) : value, name);
  const raw = (value: unknown, name: string): number => Number(fixed(value, name));
  const vector = (value: unknown, name: string): Float64Array =>
    Float64Array.from(readList(value, name).map((entry, index) => raw(entry, `${name}[${index}]`)));
  return {
    fixed,
    raw,
    vector,
    matrix(value, name) {
      const rows = readList(value, name).map((row, index) => vector(row, `${name}[${index}]`));
      return {
        rows: rows.length,
        columns: rows[0]?.length ?? 0,
        values: Float64Array.from(rows.flatMap((row) => [...row])),
      };
    },
  };
}

/** 0.4 is 0.4. */
export const DOUBLE_LITERALS: LiteralReader = createLiteralReader((value) => value);

/** 0.4 written in single precision is 0.400000006; a text is still meant exactly. */
export const SINGLE_LITERALS: LiteralReader = createLiteralReader(Math.fround);
