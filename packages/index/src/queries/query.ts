import type { JsonSchema, Shape } from '@cairn/core';
import type { Kysely } from 'kysely';
import type { Tables } from '../database/tables.ts';

/** One read of the index. Its name is the RPC method: `index_<query>`. */
export interface IndexQuery<P = unknown> {
  readonly name: string;
  readonly help: string;
  readonly params: Shape<P>;
  readonly result: JsonSchema;
  /** JSON-safe result. @throws IndexError `INDEX_QUERY_INVALID` */
  run(database: Kysely<Tables>, params: P): Promise<unknown>;
}

/** Declares a query with the types of its parameters, and forgets them: a list holds queries of all kinds. */
export function defineIndexQuery<P>(query: IndexQuery<P>): IndexQuery {
  return query as IndexQuery<unknown>;
}

export const whole: JsonSchema = { type: 'integer' };
export const words: JsonSchema = { type: 'string' };
export const orNull = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: 'null' }] });
/** Decimal text: pebbles, or the smallest unit of a subnet's token. */
export const amountText: JsonSchema = { type: 'string', pattern: '^-?[0-9]+$' };

export function objectOf(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: 'object', properties, required: Object.keys(properties) };
}

/** Entries, and `next`: what to send as `after` for more, null at the end. */
export function pageOf(entries: string, properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const items = objectOf({ height: whole, timeMs: orNull(whole), ...properties });
  return objectOf({ [entries]: { type: 'array', items }, next: orNull(words) });
}
