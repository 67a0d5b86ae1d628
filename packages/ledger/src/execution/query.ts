import type { JsonSchema, Shape } from '@cairn/core';
import type { ListableView } from '../state/view.ts';

/** Where a query runs: a committed snapshot and what is known about it. */
export interface QueryContext {
  readonly view: ListableView;
  readonly height: number;
  readonly slot: bigint;
}

/** One read. Its name is the RPC method: `<module>_<query>`. */
export interface QueryDefinition<P = unknown> {
  readonly name: string;
  readonly help: string;
  readonly params: Shape<P>;
  readonly result: JsonSchema;
  /** JSON-safe result; null when there is no such thing. */
  run(context: QueryContext, params: P): unknown;
}

export function defineQuery<P>(definition: QueryDefinition<P>): QueryDefinition<P> {
  return definition;
}
