import { readRatio } from './read-fields.ts';

/** One, in which prices and shares of a case are reckoned: finer than any tolerance, exact for powers of two. */
export const SCALE: bigint = 1n << 96n;

/** A decimal number times `SCALE`, rounded towards zero. @throws ProvingError `VECTOR_FIELD_MALFORMED` */
export function readScaled(value: unknown, name: string): bigint {
  const { numerator, denominator } = readRatio(value, name);
  return (numerator * SCALE) / denominator;
}

/** The number that a scaled one stands for, to the 53 bits a double holds. */
export function fromScale(scaled: bigint, scale: bigint = SCALE): number {
  return Number(scaled) / Number(scale);
}
