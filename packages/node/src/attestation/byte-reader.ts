/** What a stranger's bytes say of themselves does not hold together. */
export class QuoteBroken extends Error {
  override readonly name = 'QuoteBroken';
}

/** Reads little-endian fields one after another and never beyond the end. */
export interface ByteReader {
  readonly left: number;
  /** @throws QuoteBroken */
  take(length: number): Uint8Array;
  u16(): number;
  u32(): number;
}

export function createByteReader(bytes: Uint8Array): ByteReader {
  let at = 0;
  const take = (length: number): Uint8Array => {
    if (length > bytes.length - at)
      throw new QuoteBroken(`it ends ${length - (bytes.length - at)} bytes early`);
    at += length;
    return bytes.subarray(at - length, at);
  };
  const view = (length: number) => {
    const part = take(length);
    return new DataView(part.buffer, part.byteOffset, length);
  };
  return {
    get left() {
      return bytes.length - at;
    },
    take,
    u16: () => view(2).getUint16(0, true),
    u32: () => view(4).getUint32(0, true),
  };
}
