/** A set of places of a round: bit `place % 8` of byte `place / 8`, lowest bit first. */
export type Bitmap = Uint8Array;

export const EMPTY_BITMAP: Bitmap = new Uint8Array(32);

export function hasPlace(bitmap: Bitmap, place: number): boolean {
  return ((bitmap[place >> 3] ?? 0) & (1 << (place & 7))) !== 0;
}

/** @param places below 256 */
export function bitmapOf(places: Iterable<number>): Bitmap {
  const bitmap = new Uint8Array(32);
  for (const place of places) bitmap[place >> 3] = (bitmap[place >> 3] ?? 0) | (1 << (place & 7));
  return bitmap;
}

/** A copy with one place more. */
export function withPlace(bitmap: Bitmap, place: number): Bitmap {
  const copy = Uint8Array.from(bitmap);
  copy[place >> 3] = (copy[place >> 3] ?? 0) | (1 << (place & 7));
  return copy;
}

/** The places in it, ascending. */
export function placesOf(bitmap: Bitmap): number[] {
  const places: number[] = [];
  for (let place = 0; place < bitmap.length * 8; place += 1) if (hasPlace(bitmap, place)) places.push(place);
  return places;
}

/** Whether every place of one is in the other. */
export function isWithin(bitmap: Bitmap, other: Bitmap): boolean {
  return bitmap.every((byte, index) => (byte & ~(other[index] ?? 0)) === 0);
}

export function both(bitmap: Bitmap, other: Bitmap): Bitmap {
  return bitmap.map((byte, index) => byte & (other[index] ?? 0));
}
