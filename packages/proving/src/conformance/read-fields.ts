import { ProvingError } from '../errors.ts';

/** An object of a JSON file. */
export type Fields = Readonly<Record<string, unknown>>;

function malformed(field: string, needs: string): ProvingError {
  return new ProvingError(
    { code: 'VECTOR_FIELD_MALFORMED', field },
    `The field "${field}" of this case is not ${needs}. Correct the case.`,
  );
}

/** @throws ProvingError `VECTOR_FIELD_MALFORMED` */
export function readFields(value: unknown, name: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed(name, 'an object');
  }
  return value as Fields;
}

/** @throws ProvingError `VECTOR_FIELD_MALFORMED` */
export function readList(value: unknown, name: string): readonly unknown[] {
  if (!Array.isArray(value)) throw malformed(name, 'a list');
  return value;
}

/** A number, or a text that spells one. @throws ProvingError `VECTOR_FIELD_MALFORMED` */
export function readNumber(value: unknown, name: string): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) throw malformed(name, 'a number');
  return number;
}

/** A whole number of at least zero that a double holds. @throws ProvingError `VECTOR_FIELD_MALFORMED` */
export function readCount(value: unknown, name: string): number {
  const count = readNumber(value, name);
  if (!Number.isSafeInteger(count) || count < 0) throw malformed(name, 'a whole number of at least zero');
  return count;
}

/** A whole number of any size, as a number or a text. @throws ProvingError `VECTOR_FIELD_MALFORMED` */
export function readBigint(value: unknown, name: string): bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === 'string' && /^-?\d+$/.test(value)) return BigInt(value);
  throw malformed(name, 'a whole number (beyond 2^53: as a text)');
}

/** @throws ProvingError `VECTOR_FIELD_MALFORMED` */
export function readCounts(value: unknown, name: string): number[] {
  return readList(value, name).map((entry, index) => readCount(entry, `${name}[${index}]`));
}

/** A list of numbers. @throws ProvingError `VECTOR_FIELD_MALFORMED` */
export function readNumbers(value: unknown, name: string): number[] {
  return readList(value, name).map((entry, index) => readNumber(entry, `${name}[${index}]`));
}

/** A truth value; absent is false. @throws ProvingError `VECTOR_FIELD_MALFORMED` */
export function readFlag(value: unknown, name: string, absent = false): boolean {
  if (value === undefined || value === null) return absent;
  if (typeof value !== 'boolean') throw malformed(name, 'true or false');
  return value;
}

/**
 * numerator / denominator of a decimal number such as 1.26, "0.5" or 1e-9.
 *
 * @throws ProvingError `VECTOR_FIELD_MALFORMED`
 */
export function readRatio(value: unknown, name: string): { numerator: bigint; denominator: bigint } {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d{1,3}))?$/i.exec(String(value));
  if (match === null) throw malformed(name, 'a decimal number');
  const [, sign, whole, fraction = '', exponent = '0'] = match;
  const digits = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n);
  const power = Number(exponent) - fraction.length;
  const scale = 10n ** BigInt(Math.abs(power));
  return power >= 0
    ? { numerator: digits * scale, denominator: 1n }
    : { numerator: digits, denominator: scale };
}

/** The nearest raw I32F32 value of a decimal number. @throws ProvingError `VECTOR_FIELD_MALFORMED` */
export function readFixed(value: unknown, name: string): bigint {
  const { numerator, denominator } = readRatio(value, name);
  const doubled = ((numerator < 0n ? -numerator : numerator) << 33n) / denominator;
  const rounded = (doubled + 1n) >> 1n;
  return numerator < 0n ? -rounded : rounded;
}
