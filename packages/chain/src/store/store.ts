/** One write; null deletes. */
export interface StoreChange {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** Ordered ASCII key → bytes on disk. */
export interface Store {
  get(key: string): Uint8Array | undefined;
  /** Entries whose key starts with `prefix`, ascending, from the first key above `after`. */
  entries(prefix: string, after?: string): Iterable<readonly [key: string, value: Uint8Array]>;
  /** As `entries`, without reading values. */
  keys(prefix: string, after?: string): Iterable<string>;
  /** All or nothing, and on disk before it resolves. */
  write(changes: readonly StoreChange[]): Promise<void>;
  close(): Promise<void>;
}
