import { encode, type Shape } from '@cairn/core';
import { LedgerError } from '../errors.ts';
import type { ListableView, Overlay, RecordCodec, StateView } from './view.ts';

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
   * For records of plain values that one block reads or writes often: an overlay keeps them decoded, and
   * frozen because several readers share one value. It only saves time.
   */
  readonly isRemembered?: boolean;
}

/**
 * Reads bytes that this ledger wrote and whose root was checked when the store was opened, so unlike
 * `decode` it does not encode them again to see that they are canonical.
 */
function decodeStored<T>(shape: Shape<T>, key: string, bytes: Uint8Array): T {
  try {
    // A store may hand out a Buffer, whose `slice` shares memory instead of copying.
    const own = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    return shape.fromRaw(shape.ssz.deserialize(own));
  } catch (cause) {
    throw new LedgerError(
      { code: 'STATE_CORRUPT', key },
      `The stored record ${key} cannot be read. The store is damaged: restore a backup or resync.`,
      { cause },
    );
  }
}

/** @throws LedgerError `STATE_CORRUPT` from `get` when stored bytes cannot be read. */
export function defineTable<T>(
  module: string,
  name: string,
  shape: Shape<T>,
  { isRemembered = false }: TableOptions = {},
): Table<T> {
  const prefix = `${module}/${name}/`;
  const codec: RecordCodec<T> = {
    decode: (key, bytes) => Object.freeze(decodeStored(shape, key, bytes)),
    encode: (value) => encode(shape, value),
  };
  return {
    prefix,
    shape,
    get(view, id) {
      const key = prefix + id;
      if (isRemembered && view.getRecord !== undefined) return view.getRecord(key, codec);
      const bytes = view.get(key);
      return bytes === undefined ? undefined : decodeStored(shape, key, bytes);
    },
    set(state, id, value) {
      if (isRemembered) state.setRecord(prefix + id, Object.freeze(value), codec);
      else state.set(prefix + id, encode(shape, value));
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
