/**
 * The place of a transaction or event in history, as one number: the height and a number within the block.
 * Places sort as things happened, make cursors, and are exact in a double up to height 8,589,934,591.
 */
export type Place = number;

/** Places of one block. */
export const PLACES_PER_BLOCK = 1_048_576;

export function placeOf(height: number, position: number): Place {
  return height * PLACES_PER_BLOCK + position;
}

/** First place of a block; the first place above block `height - 1`. */
export function firstPlaceOf(height: number): Place {
  return height * PLACES_PER_BLOCK;
}

export function heightOf(place: Place): number {
  return Math.floor(place / PLACES_PER_BLOCK);
}
