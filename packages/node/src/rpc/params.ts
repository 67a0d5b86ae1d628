import { CairnError, hexToBytes, type JsonSchema, type Shape } from '@cairn/core';
import { RpcError } from './method.ts';

/** Parses parameters by their shape. @throws RpcError `RPC_PARAMS_INVALID` */
export function parseParams<P>(shape: Shape<P>, params: unknown): P {
  try {
    return shape.fromJson(params);
  } catch (cause) {
    if (!(cause instanceof CairnError)) throw cause;
    throw new RpcError({ code: 'RPC_PARAMS_INVALID', reason: cause.code }, cause.message, { cause });
  }
}

/** One parameter of a method: what the reference says of it and how it is read. */
export interface Param<T> {
  readonly schema: JsonSchema;
  readonly isOptional: boolean;
  /** @throws RpcError `RPC_PARAMS_INVALID` */
  read(value: unknown, name: string): T;
}

type Params = Readonly<Record<string, Param<unknown>>>;
type ValuesOf<P extends Params> = { readonly [K in keyof P]: P[K] extends Param<infer T> ? T : never };

/** JSON Schema of the params object. */
export function paramsSchema(params: Params): JsonSchema {
  const entries = Object.entries(params);
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, { schema }]) => [name, schema])),
    required: entries.filter(([, { isOptional }]) => !isOptional).map(([name]) => name),
    additionalProperties: false,
  };
}

/** Reads exactly the parameters that are declared. @throws RpcError `RPC_PARAMS_INVALID` */
export function readParams<P extends Params>(params: P, given: unknown): ValuesOf<P> {
  const source = given as Record<string, unknown>;
  const unknown = Object.keys(source).find((name) => !Object.hasOwn(params, name));
  if (unknown !== undefined) {
    const known = Object.keys(params).join(', ') || 'none';
    throw invalid(`There is no parameter ${JSON.stringify(unknown.slice(0, 40))}. Known: ${known}.`);
  }
  const entries = Object.entries(params).map(([name, param]) => {
    const value = Object.hasOwn(source, name) ? source[name] : undefined;
    if (value === undefined && !param.isOptional) throw invalid(`The parameter ${name} is missing.`);
    return [name, value === undefined ? undefined : param.read(value, name)] as const;
  });
  return Object.fromEntries(entries) as ValuesOf<P>;
}

function invalid(reason: string): RpcError {
  return new RpcError({ code: 'RPC_PARAMS_INVALID', reason }, reason);
}

export function optionalParam<T>(param: Param<T>): Param<T | undefined> {
  return { ...param, isOptional: true };
}

/** A whole number from 0 to `max`. */
export function wholeParam(what: string, max = Number.MAX_SAFE_INTEGER): Param<number> {
  return {
    schema: { type: 'integer', minimum: 0, maximum: max },
    isOptional: false,
    read(value, name) {
      if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > max) {
        throw invalid(`${name} is ${what}, from 0 to ${max}.`);
      }
      return value;
    },
  };
}

export function textParam(maxLength: number): Param<string> {
  return {
    schema: { type: 'string', maxLength },
    isOptional: false,
    read(value, name) {
      if (typeof value !== 'string' || value.length > maxLength)
        throw invalid(`${name} is text of at most ${maxLength} characters.`);
      return value;
    },
  };
}

/** A hash or id: 32 bytes in lower-case hexadecimal. */
export const hashParam: Param<string> = {
  schema: { type: 'string', pattern: '^[0-9a-f]{64}$' },
  isOptional: false,
  read(value, name) {
    if (typeof value !== 'string' || !/^[0-9a-f]{64}$/.test(value))
      throw invalid(`${name} is 64 hexadecimal digits in lower case.`);
    return value;
  },
};

/** Bytes in hexadecimal. */
export function hexParam(maxBytes: number): Param<Uint8Array> {
  return {
    schema: { type: 'string', pattern: '^([0-9a-f]{2})*$', maxLength: 2 * maxBytes },
    isOptional: false,
    read(value, name) {
      if (typeof value !== 'string' || value.length > 2 * maxBytes || !/^([0-9a-f]{2})*$/.test(value))
        throw invalid(`${name} is at most ${maxBytes} bytes in lower-case hexadecimal.`);
      return hexToBytes(value);
    },
  };
}

/** A block: its height or its hash. */
export const blockParam: Param<number | string> = {
  schema: { anyOf: [wholeParam('a height').schema, hashParam.schema] },
  isOptional: false,
  read: (value, name) =>
    typeof value === 'string' ? hashParam.read(value, name) : wholeParam('a height').read(value, name),
};

/** Names of events: exact, or a module with a star. */
export const namesParam: Param<readonly string[]> = {
  schema: { type: 'array', items: { type: 'string', maxLength: 80 }, maxItems: 50 },
  isOptional: false,
  read(value, name) {
    const isList =
      Array.isArray(value) &&
      value.length <= 50 &&
      value.every((entry) => typeof entry === 'string' && entry.length <= 80);
    if (!isList) throw invalid(`${name} is a list of at most 50 event names.`);
    return value as string[];
  },
};
