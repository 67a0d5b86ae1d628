import { bool, type JsonSchema, type Shape } from '@cairn/core';
import { LedgerError } from '../errors.ts';
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

/** Parameters of a query that takes none: the empty object. A container of no fields has no bytes, so only its JSON form is used. */
export const noParams: Shape<Record<string, never>> = {
  name: 'NoParams',
  ssz: bool.ssz,
  toRaw: () => false,
  fromRaw: () => ({}),
  toJson: () => ({}),
  fromJson(json) {
    if (typeof json !== 'object' || json === null || Object.keys(json).length > 0) {
      throw new LedgerError(
        { code: 'QUERY_INVALID', reason: 'parameters' },
        'This query takes no parameters. Send an empty object.',
      );
    }
    return {};
  },
  schema: { type: 'object', properties: {}, additionalProperties: false },
};
