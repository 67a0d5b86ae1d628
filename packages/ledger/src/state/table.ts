import { decode, encode, type Shape } from '@cairn/core';
import { LedgerError } from '../errors.ts';
import type { ListableView, Overlay, StateView } from './view.ts';

/** Records of one kind: `module/name/id` → the canonical bytes of a shape. */
export interface Table<T> {
  readonly prefix: string;
  readonly shape: Shape<T>;
  get(view: StateView, id: string): T | undefined;
  set(state: Overlay, id: string, value: T): void;
  delete(state: Overlay, id: string): void;
  /** Ids after `after`, ascending. For queries only. */
  ids(view: ListableView, within?: string, after?: string): Iterable<string>;
}

export interface TableOptions {
  /**
   * For records of plain values that are read far more often than written: each is decoded once per
   * stored bytes and frozen. It only saves time.
   */
  readonly isRemembered?: boolean;
}

/** @throws LedgerError `STATE_CORRUPT` from `get` when stored bytes are not canonical. */
export function defineTable<T>(
  module: string,
  name: string,
  shape: Shape<T>,
  { isRemembered = false }: TableOptions = {},
): Table<T> {
  const prefix = `${module}/${name}/`;
  // Keyed by the very bytes, which nobody changes once they are in a view.
  const remembered = new WeakMap<Uint8Array, T>();
  const remember = (bytes: Uint8Array, value: T): T => {
    if (isRemembered) remembered.set(bytes, Object.freeze(value));
    return value;
  };
  return {
    prefix,
    shape,
    get(view, id) {
      const bytes = view.get(prefix + id);
      if (bytes === undefined) return undefined;
      const known = remembered.get(bytes);
      if (known !== undefined) return known;
      try {
        return remember(bytes, decode(shape, bytes));
      } catch (cause) {
        throw new LedgerError(
          { code: 'STATE_CORRUPT', key: prefix + id },
          `The stored record ${prefix + id} cannot be read. The store is damaged: restore a backup or resync.`,
          { cause },
        );
      }
    },
    set(state, id, value) {
      const bytes = encode(shape, value);
      remember(bytes, value);
      state.set(prefix + id, bytes);
    },
    delete: (state, id) => state.delete(prefix + id),
    *ids(view, within = '', after) {
      const from = after === undefined ? undefined : prefix + after;
      for (const key of view.keys(prefix + within, from)) yield key.slice(prefix.length);
    },
  };
}

/** A single record: `module/name`. */
export interface Cell<T> {
  readonly key: string;
  get(view: StateView): T;
  set(state: Overlay, value: T): void;
}

export function defineCell<T>(
  module: string,
  name: string,
  shape: Shape<T>,
  initial: T,
  options: TableOptions = {},
): Cell<T> {
  const inner = defineTable(module, name, shape, options);
  return {
    key: `${inner.prefix}-`,
    get: (view) => inner.get(view, '-') ?? initial,
    set: (state, value) => inner.set(state, '-', value),
  };
}

/** Decimal id of fixed width, so that ids order as numbers. @param number below 100,000 */
export function numberId(number: number): string {
  return number.toString().padStart(5, '0');
}
