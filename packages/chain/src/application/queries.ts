import { CoreError } from '@cairn/core';
import { clock, type ListableView, MODULES, type QueryDefinition } from '@cairn/ledger';
import { ChainError } from '../errors.ts';

// biome-ignore lint/suspicious/noExplicitAny: each query is matched to its own shape by name
const QUERIES = new Map<string, QueryDefinition<any>>(
  MODULES.flatMap((module) => module.queries.map((query) => [query.name, query])),
);

/**
 * Runs a ledger query on a view.
 *
 * @throws ChainError `QUERY_UNKNOWN`, `QUERY_PARAMS_INVALID`
 */
export function runQuery(view: ListableView, height: number, method: string, params: unknown): unknown {
  const query = QUERIES.get(method);
  if (query === undefined) {
    throw new ChainError(
      { code: 'QUERY_UNKNOWN', method: method.slice(0, 80) },
      `There is no query ${method.slice(0, 80)}. The queries are ${[...QUERIES.keys()].join(', ')}.`,
    );
  }
  let read: unknown;
  try {
    read = query.params.fromJson(params);
  } catch (cause) {
    if (!(cause instanceof CoreError)) throw cause;
    throw new ChainError(
      { code: 'QUERY_PARAMS_INVALID', method, reason: cause.message },
      `${method} was asked with wrong parameters: ${cause.message}`,
      { cause },
    );
  }
  return query.run({ view, height, slot: clock.get(view).slot }, read);
}
