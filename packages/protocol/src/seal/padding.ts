import { sealBroken } from './seal-broken.ts';

/** Sizes up to this one are powers of two; above it they are multiples of it. */
const LARGEST_POWER = 64 * 1024;
const LENGTH_BYTES = 4;

/** Smallest size of a request and of a piece of an answer, in bytes. */
export const LEAST_REQUEST_BYTES = 1024;
export const LEAST_CHUNK_BYTES = 256;

/** The size class that holds `length` bytes and their length. */
export function paddedSize(length: number, least: number): number {
  const needed = length + LENGTH_BYTES;
  if (needed > LARGEST_POWER) return needed + ((LARGEST_POWER - (needed % LARGEST_POWER)) % LARGEST_POWER);
  let size = least;
  while (size < needed) size *= 2;
  return size;
}

/** Length (little-endian), the bytes, zeros up to the class. */
export function pad(bytes: Uint8Array, least: number): Uint8Array {
  const padded = new Uint8Array(paddedSize(bytes.length, least));
  new DataView(padded.buffer).setUint32(0, bytes.length, true);
  padded.set(bytes, LENGTH_BYTES);
  return padded;
}

/** Undoes `pad`: one way only to pad, so that padding carries nothing. @throws ProtocolError `SEAL_BROKEN` */
export function unpad(padded: Uint8Array, least: number): Uint8Array {
  if (padded.length < least) throw sealBroken('its padding is too short');
  const length = new DataView(padded.buffer, padded.byteOffset, padded.length).getUint32(0, true);
  if (length > padded.length - LENGTH_BYTES || paddedSize(length, least) !== padded.length) {
    throw sealBroken('its padding is not of its size class');
  }
  const until = LENGTH_BYTES + length;
  for (let at = until; at < padded.length; at++) {
    if (padded[at] !== 0) throw sealBroken('its padding is not zero');
  }
  return padded.subarray(LENGTH_BYTES, until);
}
