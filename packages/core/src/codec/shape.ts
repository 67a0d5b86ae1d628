import type { Type } from '@chainsafe/ssz';
import { areBytesEqual } from '../bytes.ts';
import { CoreError } from '../errors.ts';

/** JSON form of a shape, as JSON Schema: what references and OpenRPC documents are generated from. */
export type JsonSchema = { readonly [key: string]: unknown };

/**
 * One definition of a value: its SSZ bytes, its JSON form and its schema.
 * `raw` is what the SSZ library works on, `T` what our code works on.
 */
export interface Shape<T> {
  readonly name: string;
  // The library's own parameter is the raw value; `any` would leak, `unknown` keeps it inside this folder.
  readonly ssz: Type<unknown>;
  toRaw(value: T): unknown;
  fromRaw(raw: unknown): T;
  /** JSON-safe form: bytes as hex, 64-bit numbers as decimal text, accounts as addresses. */
  toJson(value: T): unknown;
  /** @throws CoreError `CODEC_MALFORMED`, `VALUE_OUT_OF_RANGE` */
  fromJson(json: unknown): T;
  readonly schema: JsonSchema;
  /** What a field that JSON leaves out means; without it the field is required. */
  readonly absent?: { readonly value: T };
}

/** The value type of a shape. */
export type ValueOf<S> = S extends Shape<infer T> ? T : never;

/** SSZ bytes of `value`. @throws CoreError `VALUE_OUT_OF_RANGE` when it does not fit the shape. */
export function encode<T>(shape: Shape<T>, value: T): Uint8Array {
  try {
    return shape.ssz.serialize(shape.toRaw(value));
  } catch (cause) {
    if (cause instanceof CoreError) throw cause;
    throw new CoreError(
      { code: 'VALUE_OUT_OF_RANGE', type: shape.name },
      `A value does not fit ${shape.name}.`,
      { cause },
    );
  }
}

/**
 * The value of SSZ bytes, strictly: bytes that would not be written again in the same way are refused,
 * so one value has one encoding.
 *
 * @throws CoreError `CODEC_MALFORMED`, `CODEC_NOT_CANONICAL`
 */
export function decode<T>(shape: Shape<T>, bytes: Uint8Array): T {
  let raw: unknown;
  let again: Uint8Array;
  let value: T;
  try {
    // A Buffer would hand its class on to the values, and its `slice` shares memory instead of copying.
    raw = shape.ssz.deserialize(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length));
    value = shape.fromRaw(raw);
    again = shape.ssz.serialize(shape.toRaw(value));
  } catch (cause) {
    throw new CoreError(
      { code: 'CODEC_MALFORMED', type: shape.name },
      `These ${bytes.length} bytes are not a ${shape.name}.`,
      { cause },
    );
  }
  if (!areBytesEqual(bytes, again)) {
    throw new CoreError(
      { code: 'CODEC_NOT_CANONICAL', type: shape.name },
      `These bytes are not the canonical encoding of a ${shape.name}.`,
    );
  }
  return value;
}

/** @throws CoreError `VALUE_OUT_OF_RANGE` saying what was expected where. */
export function mismatch(name: string, expected: string): CoreError {
  return new CoreError({ code: 'VALUE_OUT_OF_RANGE', type: name }, `Expected ${expected} for ${name}.`);
}
