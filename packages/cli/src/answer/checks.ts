import { addressToAccountId, bool, CairnError, type Shape, u16, u64 } from '@cairn/core';

/** One part of a node's answer as we take it. @throws Mismatch */
export type Check<T> = (value: unknown, path: string) => T;

/** The value that a check gives. */
export type Checked<C> = C extends Check<infer T> ? T : never;

/** Where an answer is not what it has to be. */
export class Mismatch extends Error {
  override readonly name = 'Mismatch';
}

function refuse(path: string, expected: string): never {
  throw new Mismatch(`${path} is not ${expected}`);
}

function fromShape<T>(shape: Shape<T>, expected: string): Check<T> {
  return (value, path) => {
    try {
      return shape.fromJson(value);
    } catch (error) {
      if (error instanceof CairnError) return refuse(path, expected);
      throw error;
    }
  };
}

/** Decimal text: an amount, a slot, a nonce. */
export const asAmount = fromShape(u64, 'decimal text below 2^64');
export const asU16 = fromShape(u16, 'a whole number up to 65535');
export const asBool = fromShape(bool, 'true or false');

/** Decimal text that may be negative. */
export const asSigned: Check<bigint> = (value, path) =>
  typeof value === 'string' && /^-?\d{1,30}$/.test(value)
    ? BigInt(value)
    : refuse(path, 'a whole number as text');

export const asCount: Check<number> = (value, path) =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : refuse(path, 'a whole number');

/** A number that may have decimals: a time, a share. */
export const asNumber: Check<number> = (value, path) =>
  typeof value === 'number' && Number.isFinite(value) ? value : refuse(path, 'a number');

/** Any text: escape it before it is shown. */
export const asText: Check<string> = (value, path) =>
  typeof value === 'string' ? value : refuse(path, 'text');

/** Lower-case hexadecimal digits. */
export const asHex: Check<string> = (value, path) =>
  typeof value === 'string' && /^([0-9a-f]{2})*$/.test(value) ? value : refuse(path, 'hexadecimal text');

export const asAddress: Check<string> = (value, path) => {
  try {
    addressToAccountId(value as string);
    return value as string;
  } catch (error) {
    if (error instanceof CairnError || error instanceof TypeError) return refuse(path, 'a cairn1… address');
    throw error;
  }
};

/** Anything: when only whether there is an answer counts. */
export const asAnything: Check<unknown> = (value) => value;

/** The fields of an event, or another object of which each field is looked at later. */
export const asRecord: Check<Readonly<Record<string, unknown>>> = (value, path) =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : refuse(path, 'an object');

export function asOneOf<const N extends string>(...names: readonly N[]): Check<N> {
  return (value, path) =>
    names.includes(value as N) ? (value as N) : refuse(path, `one of ${names.join(', ')}`);
}

export function asList<T>(item: Check<T>): Check<T[]> {
  return (value, path) =>
    Array.isArray(value)
      ? value.map((entry, index) => item(entry, `${path}[${index}]`))
      : refuse(path, 'a list');
}

export function asNullable<T>(check: Check<T>): Check<T | null> {
  return (value, path) => (value === null ? null : check(value, path));
}

/** A field that may be left out. */
export function asOptional<T>(check: Check<T>): Check<T | undefined> {
  return (value, path) => (value === undefined ? undefined : check(value, path));
}

type Fields = { readonly [name: string]: Check<unknown> };

/** An object with at least these fields: what a newer node says besides is left out. */
export function asObject<F extends Fields>(fields: F): Check<{ readonly [K in keyof F]: Checked<F[K]> }> {
  return (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse(path, 'an object');
    const source = value as Record<string, unknown>;
    return Object.fromEntries(
      Object.entries(fields).map(([name, check]) => [name, check(source[name], `${path}.${name}`)]),
    ) as { readonly [K in keyof F]: Checked<F[K]> };
  };
}

/** The answer itself, once it has what the check wants: for results that `--json` hands on whole. */
export function asIs<T>(check: Check<unknown>): Check<T> {
  return (value, path) => {
    check(value, path);
    return value as T;
  };
}
