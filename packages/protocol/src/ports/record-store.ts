/** Small durable records by key: vouchers, receipts, channel states. */
export interface RecordStore extends AsyncDisposable {
  get(key: string): Uint8Array | undefined;
  /** Resolves when the record will survive a crash. Later writes of one key win in the order they were called. */
  set(key: string, record: Uint8Array): Promise<void>;
  delete(key: string): Promise<void>;
  /** Keys that start with `prefix`, ascending. */
  keys(prefix: string): Iterable<string>;
}
