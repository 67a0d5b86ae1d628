import { type Bitmap, bitmapOf, hasPlace } from './bitmap.ts';
import type { Round } from './round.ts';

/** Witnesses that have to find an update: two thirds of those drawn, rounded down, and one at least. */
function witnessQuorum(witnesses: number): number {
  return Math.max(1, Number((2n * BigInt(witnesses)) / 3n));
}

/** Places whose update enough witnesses found. */
export function availableOf({ witnesses, committed, found }: Round): Bitmap {
  const quorum = witnessQuorum(witnesses.length);
  const places = found.flatMap((count, place) =>
    count >= quorum && hasPlace(committed, place) ? [place] : [],
  );
  return bitmapOf(places);
}
