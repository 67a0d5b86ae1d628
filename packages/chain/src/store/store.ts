/** One write; null deletes. */
export interface StoreChange {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** What a store says when it is asked. */
interface Readable {
  get(key: string): Uint8Array | undefined;
  /** Entries whose key starts with `prefix`, ascending, from the first key above `after`. */
  entries(prefix: string, after?: string): Iterable<readonly [key: string, value: Uint8Array]>;
}

/** A store as it was at one moment. */
export interface FrozenStore extends Readable {
  /** Lets it go. Nothing can be read of it any more. */
  release(): void;
}

/** Ordered ASCII key → bytes on disk. */
export interface Store extends Readable {
  /** As `entries`, without reading values. */
  keys(prefix: string, after?: string): Iterable<string>;
  /** All or nothing, and on disk before it resolves. */
  write(changes: readonly StoreChange[]): Promise<void>;
  /** What is there now, whatever is written after. Room that it sees is not used again before it is released. */
  freeze(): FrozenStore;
  close(): Promise<void>;
}

/** A store that another can be made ready for, beside it, to take its place all at once. */
export interface ReplaceableStore extends Store {
  /** An empty store aside. What lay there before is gone. */
  aside(): Promise<Store>;
  /** Closes what is aside, if anything, and removes it. */
  dropAside(): Promise<void>;
  /**
   * The store aside takes the place of this one. Cut off at any moment, the old or the new is there, whole. Nothing
   * may be frozen or being written meanwhile.
   */
  adoptAside(): Promise<void>;
}
