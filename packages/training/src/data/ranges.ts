import { TrainingError } from '../errors.ts';

/** Batches of one trainer in one round. */
export interface BatchRange {
  readonly first: number;
  readonly count: number;
}

/** Largest index of a batch: every whole number up to it is exact. */
const MAX_BATCH = 2 ** 48;

/**
 * The batches of a place of a round's roster: places have ranges one behind the other, each as long as a whole update,
 * and the next round begins behind the last place. So no two places of a run ever share a batch.
 *
 * @param before batches that were handed out before this round.
 * @param place in the roster, which the round's seed has shuffled.
 * @throws TrainingError `RANGE_TOO_LARGE`
 */
export function batchesOf(before: number, place: number, steps: number): BatchRange {
  const first = before + place * steps;
  if (first + steps > MAX_BATCH)
    throw new TrainingError(
      { code: 'RANGE_TOO_LARGE', wants: first + steps, has: MAX_BATCH },
      `A run has at most ${MAX_BATCH} batches. Begin a new run from the last checkpoint.`,
    );
  return { first, count: steps };
}
