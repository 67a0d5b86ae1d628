/** Where the parts of an image come from. What comes is checked by whoever asked. */
export interface ImageSource {
  /**
   * A manifest, an index or a blob by its SHA-256 in hex, in parts.
   *
   * @throws CairnError when the source does not have it, or cannot be asked
   */
  read(kind: 'manifest' | 'blob', digest: string): Promise<AsyncIterable<Uint8Array>>;
}
