/**
 * A snapshot of the state: ASCII key → canonical bytes. Keys order as text, which is their byte order.
 */
export interface StateView {
  get(key: string): Uint8Array | undefined;
  /** The value of a record, from memory when it was read or written here before. It only saves time. */
  getRecord?<T>(key: string, codec: RecordCodec<T>): T | undefined;
}

/** Bytes of one kind of record to its value and back. Each key has one codec. */
export interface RecordCodec<T> {
  decode(key: string, bytes: Uint8Array): T;
  encode(value: T): Uint8Array;
}

/** A snapshot that can also be listed, for queries and genesis export. Execution never lists. */
export interface ListableView extends StateView {
  /** Keys that start with `prefix`, ascending, from the first above `after`. */
  keys(prefix: string, after?: string): Iterable<string>;
}

/** One key's new value; null deletes it. */
export interface StateChange {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** Writes over a snapshot that nobody sees until they are merged. */
export interface Overlay extends StateView {
  getRecord<T>(key: string, codec: RecordCodec<T>): T | undefined;
  set(key: string, value: Uint8Array): void;
  /** As `set`, with bytes made once at the end however often the record is written. The value must stay as it is. */
  setRecord<T>(key: string, value: T, codec: RecordCodec<T>): void;
  delete(key: string): void;
  /**
   * An overlay whose reads fall through to this one.
   *
   * @param touched takes the key of every record that the fork reads from below or writes.
   */
  fork(touched?: Set<string>): Overlay;
  /** Takes over all writes of a fork. */
  merge(fork: Overlay): void;
  /** All writes in ascending key order. */
  changes(): StateChange[];
  entries(): IterableIterator<[string, Written | null]>;
}

/** A record as bytes, as a value with its codec, or both. */
interface Written {
  bytes: Uint8Array | null;
  readonly value: unknown;
  // The codec fits the value beside it; a map of different records has no narrower common type.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly codec: RecordCodec<any> | null;
}

function bytesOf(written: Written): Uint8Array {
  written.bytes ??= written.codec!.encode(written.value);
  return written.bytes;
}

function readRecord<T>(view: StateView, key: string, codec: RecordCodec<T>): T | undefined {
  if (view.getRecord !== undefined) return view.getRecord(key, codec);
  const bytes = view.get(key);
  return bytes === undefined ? undefined : codec.decode(key, bytes);
}

export function createOverlay(below: StateView, touched?: Set<string>): Overlay {
  const writes = new Map<string, Written | null>();
  // Only the lowest overlay remembers what it read: forks end with their transaction.
  const reads = below.getRecord === undefined ? new Map<string, unknown>() : null;
  const overlay: Overlay = {
    get(key) {
      const written = writes.get(key);
      if (written === undefined) {
        touched?.add(key);
        return below.get(key);
      }
      return written === null ? undefined : bytesOf(written);
    },
    getRecord<T>(key: string, codec: RecordCodec<T>): T | undefined {
      const written = writes.get(key);
      if (written === null) return undefined;
      if (written !== undefined) {
        return written.codec === null ? codec.decode(key, bytesOf(written)) : (written.value as T);
      }
      touched?.add(key);
      if (reads === null) return readRecord(below, key, codec);
      const known = reads.get(key);
      if (known !== undefined) return known as T;
      const value = readRecord(below, key, codec);
      if (value !== undefined) reads.set(key, value);
      return value;
    },
    set(key, bytes) {
      touched?.add(key);
      writes.set(key, { bytes, value: null, codec: null });
    },
    setRecord(key, value, codec) {
      touched?.add(key);
      writes.set(key, { bytes: null, value, codec });
    },
    delete(key) {
      touched?.add(key);
      writes.set(key, null);
    },
    fork: (counted) => createOverlay(overlay, counted),
    merge(fork) {
      for (const [key, written] of fork.entries()) {
        touched?.add(key);
        writes.set(key, written);
      }
    },
    changes: () =>
      [...writes]
        .map(([key, written]) => ({ key, value: written === null ? null : bytesOf(written) }))
        .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)),
    entries: () => writes.entries(),
  };
  return overlay;
}
