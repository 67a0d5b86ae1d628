/** One network parameter: everything a person needs to judge it. Amounts in pebbles, times in slots. */
export interface ParameterDefinition {
  readonly unit:
    | 'pebbles'
    | 'pebbles per byte'
    | 'pebbles per work unit'
    | 'slots'
    | 'blocks'
    | 'ms'
    | 'bps'
    | 'count'
    | 'bytes'
    | 'work units'
    | 'version'
    | 'of 65,535'
    | 'of 1,000,000'
    | 'of 2^64';
  readonly initial: bigint;
  readonly min: bigint;
  readonly max: bigint;
  readonly source: string;
  readonly help: string;
  /** Who may change it: a vote, or nobody once the chain has started. @default 'governance' */
  readonly changedBy?: 'governance' | 'genesis';
}

export const defineParameters = <const T extends Record<string, ParameterDefinition>>(table: T): T => table;
