/** Content-addressed bytes. The id is the SHA-256 in hex, so a blob proves itself. */
export interface BlobStore {
  /** Keeps `bytes` durably and returns their id. */
  put(bytes: Uint8Array): Promise<string>;
  /** The bytes, checked against their id; null when they are not here. */
  get(id: string): Promise<Uint8Array | null>;
}
