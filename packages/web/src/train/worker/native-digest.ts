/** SHA-256 of the browser, which copies the bytes and computes beside this worker. */
export async function nativeDigest(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
}
