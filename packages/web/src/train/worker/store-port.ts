/** Small and large values by key, kept by the browser between visits. */
export interface Store {
  get<T>(key: string): Promise<T | undefined>;
  /** Resolves when it is on disk, as far as the browser says. */
  set(key: string, value: unknown): Promise<void>;
  delete(key: string): Promise<void>;
  keys(prefix: string): Promise<string[]>;
}
