/**
 * What the SSZ library wants of Node's `Buffer` when it is loaded: a view of bytes. Bundlers bring a whole one; it is
 * only used to hash SSZ trees, which nothing here does.
 */
const viewOf = (bytes: ArrayBuffer, offset: number, length: number): Uint8Array =>
  new Uint8Array(bytes, offset, length);

(globalThis as { Buffer?: unknown }).Buffer ??= { from: viewOf };
