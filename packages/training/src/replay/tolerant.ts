/** Numbers of each tensor, by its name: weights, or what changed of them. */
export type ChangeTable = ReadonlyMap<string, Float32Array | Int32Array>;

/** How far two computations of one change are apart. */
export interface ChangeDistance {
  /** ‖a − b‖ / ‖b‖ over all tensors. */
  readonly relative: number;
  /** 1 − cosine of the angle between them. */
  readonly angle: number;
  /** Share of the 128 largest values of each tensor that are not the same ones; the mean over tensors. */
  readonly misplaced: number;
}

/** What honest engines of two classes stay within. */
export type ToleranceBounds = ChangeDistance;

/** Largest values of a tensor whose places are compared, as TOPLOC does with activations. */
const LARGEST = 128;

/**
 * Compares a trainer's change (base − trained) with a validator's own on another engine.
 *
 * @param claimed one array for each tensor.
 * @param replayed the same tensors.
 */
export function changeDistance(claimed: ChangeTable, replayed: ChangeTable): ChangeDistance {
  let difference = 0;
  let squares = 0;
  let claimedSquares = 0;
  let product = 0;
  let misplaced = 0;
  for (const [name, own] of replayed) {
    const theirs = claimed.get(name)!;
    for (let i = 0; i < own.length; i += 1) {
      difference += (theirs[i]! - own[i]!) ** 2;
      squares += own[i]! ** 2;
      claimedSquares += theirs[i]! ** 2;
      product += theirs[i]! * own[i]!;
    }
    misplaced += misplacedOf(theirs, own);
  }
  const lengths = Math.sqrt(squares) * Math.sqrt(claimedSquares);
  return {
    relative: squares === 0 ? (difference === 0 ? 0 : Infinity) : Math.sqrt(difference / squares),
    angle: lengths === 0 ? (difference === 0 ? 0 : 1) : 1 - product / lengths,
    misplaced: misplaced / replayed.size,
  };
}

function misplacedOf(theirs: Float32Array | Int32Array, own: Float32Array | Int32Array): number {
  const count = Math.min(LARGEST, own.length);
  const places = new Set(largestOf(theirs, count));
  return largestOf(own, count).filter((place) => !places.has(place)).length / count;
}

function largestOf(values: Float32Array | Int32Array, count: number): number[] {
  const magnitudes = Float32Array.from(values, Math.abs).sort();
  const threshold = magnitudes[magnitudes.length - count]!;
  const places: number[] = [];
  for (let i = 0; i < values.length && places.length < count; i += 1)
    if (Math.abs(values[i]!) >= threshold) places.push(i);
  return places;
}

/**
 * Room above the largest distance seen between honest engines. Wide, because distances have a long tail: a gradient
 * near zero that rounds to the other sign is a whole step of Adam the other way.
 */
const MARGIN = 8;
/**
 * No bound is tighter. Of 30 steps one that is left out moves the change by 0.039 and more; honest engines were seen 0.012
 * apart at most, in the middle of a run, where its first rounds had been a hundredth of that.
 *
 * @see docs/guide/training.md#runs-of-engines-that-differ
 */
const FLOOR: ToleranceBounds = { relative: 0.03, angle: 4e-4, misplaced: 0.03 };
/**
 * No bound in length is wider: who did nothing at all is 1 away from who did everything, and who did half of it half as
 * far.
 */
export const MOST_RELATIVE = 0.5;

/**
 * Bounds for engines of several classes, from distances between honest computations of the same rounds on them: eight
 * times the largest of each, and never less than a floor.
 */
export function calibrateBounds(honest: readonly ChangeDistance[]): ToleranceBounds {
  const bound = (of: (distance: ChangeDistance) => number): number =>
    Math.max(of(FLOOR), MARGIN * Math.max(0, ...honest.map(of)));
  return {
    relative: bound(({ relative }) => relative),
    angle: bound(({ angle }) => angle),
    misplaced: bound(({ misplaced }) => misplaced),
  };
}

/** Whether a change is within what honest engines of these classes give. What is no number is not. */
export function isWithin(distance: ChangeDistance, bounds: ToleranceBounds): boolean {
  return (
    distance.relative <= bounds.relative &&
    distance.angle <= bounds.angle &&
    distance.misplaced <= bounds.misplaced
  );
}
