import { areBytesEqual } from '@cairn/core';
import { decode, encode } from 'cborg';
import { ProtocolError } from '../errors.ts';

/** Deepest nesting of any frame. Checked before decoding, which recurses. */
const MAX_DEPTH = 12;

/** Turns a decoded value of a stranger into a checked one. @throws ProtocolError `FRAME_MALFORMED` */
export type Reader<T> = (value: unknown, place: string) => T;
type ReadOf<R> = R extends Reader<infer T> ? T : never;

function malformed(reason: string, cause?: unknown): ProtocolError {
  return new ProtocolError(
    { code: 'FRAME_MALFORMED', reason },
    `A frame is malformed: ${reason}.`,
    cause === undefined ? {} : { cause },
  );
}

/** Canonical CBOR: map keys sorted, shortest integers. */
export function toCbor(value: unknown): Uint8Array {
  return encode(value);
}

/**
 * Decodes canonical CBOR strictly: no indefinite lengths, tags, undefined, NaN or infinity, no duplicate or
 * unsorted keys, nothing after the value, and no more than 12 levels.
 *
 * @throws ProtocolError `FRAME_TOO_LARGE`, `FRAME_MALFORMED`
 */
export function fromCbor<T>(bytes: Uint8Array, maxBytes: number, reader: Reader<T>): T {
  if (bytes.length > maxBytes) {
    throw new ProtocolError(
      { code: 'FRAME_TOO_LARGE', sizeBytes: bytes.length, maxBytes },
      `A frame has ${bytes.length} bytes; at most ${maxBytes} are allowed.`,
    );
  }
  assertShallow(bytes);
  let value: unknown;
  let again: Uint8Array;
  try {
    value = decode(bytes, {
      strict: true,
      allowIndefinite: false,
      allowUndefined: false,
      allowNaN: false,
      allowInfinity: false,
      rejectDuplicateMapKeys: true,
    });
    again = encode(value);
  } catch (cause) {
    throw malformed('it is not strict CBOR', cause);
  }
  if (!areBytesEqual(bytes, again)) throw malformed('it is not canonical CBOR');
  return reader(value, 'frame');
}

/** Walks the heads of the items without building them. */
function assertShallow(bytes: Uint8Array): void {
  const open: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    const head = bytes[at] as number;
    const major = head >> 5;
    const { value, next } = readArgument(bytes, at, head & 31);
    at = next;
    if (major === 2 || major === 3) at += value;
    const items = major === 4 ? value : major === 5 ? 2 * value : 0;
    if (items > bytes.length) throw malformed('a list is longer than the frame');
    if (items > 0) {
      open.push(items);
      if (open.length > MAX_DEPTH) throw malformed(`it nests deeper than ${MAX_DEPTH} levels`);
      continue;
    }
    closeItem(open);
  }
}

function closeItem(open: number[]): void {
  for (let level = open.length - 1; level >= 0; level--) {
    const left = (open[level] as number) - 1;
    if (left > 0) {
      open[level] = left;
      return;
    }
    open.pop();
  }
}

function readArgument(bytes: Uint8Array, at: number, size: number): { value: number; next: number } {
  if (size < 24) return { value: size, next: at + 1 };
  if (size > 27) throw malformed('it uses an indefinite length');
  const width = [1, 2, 4, 8][size - 24] as number;
  let value = 0;
  for (let i = 1; i <= width; i++) value = value * 256 + (bytes[at + i] ?? 0);
  return { value, next: at + 1 + width };
}

export function textUpTo(maxLength: number): Reader<string> {
  return (value, place) => {
    if (typeof value !== 'string' || value.length > maxLength || !value.isWellFormed()) {
      throw malformed(`${place} must be text of at most ${maxLength} characters`);
    }
    return value;
  };
}

export function bytesUpTo(maxLength: number, minLength = 0): Reader<Uint8Array> {
  return (value, place) => {
    if (!(value instanceof Uint8Array) || value.length > maxLength || value.length < minLength) {
      throw malformed(`${place} must be ${minLength} to ${maxLength} bytes`);
    }
    return value;
  };
}

export function wholeUpTo(max: number, min = 0): Reader<number> {
  return (value, place) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
      throw malformed(`${place} must be a whole number from ${min} to ${max}`);
    }
    return value;
  };
}

export function numberWithin(min: number, max: number): Reader<number> {
  return (value, place) => {
    if (typeof value !== 'number' || !(value >= min && value <= max)) {
      throw malformed(`${place} must be a number from ${min} to ${max}`);
    }
    return value;
  };
}

export const flag: Reader<boolean> = (value, place) => {
  if (typeof value !== 'boolean') throw malformed(`${place} must be true or false`);
  return value;
};

export function oneOf<const N extends string>(...names: readonly N[]): Reader<N> {
  return (value, place) => {
    const found = names.find((name) => name === value);
    if (found === undefined) throw malformed(`${place} must be one of ${names.join(', ')}`);
    return found;
  };
}

export function listUpTo<T>(item: Reader<T>, max: number, min = 0): Reader<readonly T[]> {
  return (value, place) => {
    if (!Array.isArray(value) || value.length > max || value.length < min) {
      throw malformed(`${place} must be a list of ${min} to ${max} items`);
    }
    return value.map((entry, index) => item(entry, `${place}[${index}]`));
  };
}

export function nullable<T>(item: Reader<T>): Reader<T | null> {
  return (value, place) => (value === null ? null : item(value, place));
}

/** Fields by name. */
type Readers = Readonly<Record<string, Reader<unknown>>>;

/** A map with exactly these fields. */
export function record<F extends Readers>(fields: F): Reader<{ readonly [K in keyof F]: ReadOf<F[K]> }> {
  return recordWith(fields, {});
}

/** A map with these fields, and of the optional ones those that are there. */
export function recordWith<F extends Readers, O extends Readers>(
  required: F,
  optional: O,
): Reader<{ readonly [K in keyof F]: ReadOf<F[K]> } & { readonly [K in keyof O]?: ReadOf<O[K]> }> {
  const fields: Readers = { ...required, ...optional };
  const names = Object.keys(fields);
  return (value, place) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array) {
      throw malformed(`${place} must be a map`);
    }
    const source = value as Readonly<Record<string, unknown>>;
    for (const name of Object.keys(source)) {
      if (!Object.hasOwn(fields, name)) throw malformed(`${place} has an unknown field`);
    }
    const read: Record<string, unknown> = {};
    for (const name of names) {
      if (!Object.hasOwn(source, name)) {
        if (Object.hasOwn(optional, name)) continue;
        throw malformed(`${place}.${name} is missing`);
      }
      read[name] = (fields[name] as Reader<unknown>)(source[name], `${place}.${name}`);
    }
    return read as { readonly [K in keyof F]: ReadOf<F[K]> } & { readonly [K in keyof O]?: ReadOf<O[K]> };
  };
}

/** A map whose `type` field says which of the readers applies. */
export function tagged<V extends Readonly<Record<string, Reader<unknown>>>>(
  variants: V,
): Reader<ReadOf<V[keyof V]>> {
  return (value, place) => {
    const type: unknown =
      typeof value === 'object' && value !== null ? (value as { type?: unknown }).type : null;
    if (typeof type !== 'string' || !Object.hasOwn(variants, type)) {
      throw malformed(`${place}.type must be one of ${Object.keys(variants).join(', ')}`);
    }
    return (variants[type] as Reader<ReadOf<V[keyof V]>>)(value, place);
  };
}
