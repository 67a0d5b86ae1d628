import type { Amount } from '@cairn/core';

export interface PruningCandidate {
  readonly uid: number;
  /** Pebbles of the last epoch, mining and validating together. */
  readonly emission: Amount;
  readonly registeredAt: number;
  /** Registered too recently to be judged. */
  readonly isImmune: boolean;
  /** One of the owner's protected neurons. */
  readonly isProtected: boolean;
}

/**
 * The uid that makes room for a new registration: the one that earned least, of equals the one registered
 * first, then the lowest uid. Neurons past their immunity go first while more than `minNonImmune` of them
 * remain, else an immune one goes. Protected neurons never go.
 *
 * @param minNonImmune 10 by default.
 * @returns null when no neuron may be pruned.
 */
export function chooseNeuronToPrune(
  candidates: Iterable<PruningCandidate>,
  minNonImmune: number,
): number | null {
  let bestImmune: PruningCandidate | null = null;
  let bestOther: PruningCandidate | null = null;
  let others = 0;
  for (const candidate of candidates) {
    if (candidate.isProtected) continue;
    if (candidate.isImmune) {
      if (bestImmune === null || goesBefore(candidate, bestImmune)) bestImmune = candidate;
    } else {
      others += 1;
      if (bestOther === null || goesBefore(candidate, bestOther)) bestOther = candidate;
    }
  }
  return (others > minNonImmune ? bestOther : bestImmune)?.uid ?? null;
}

function goesBefore(a: PruningCandidate, b: PruningCandidate): boolean {
  if (a.emission !== b.emission) return a.emission < b.emission;
  if (a.registeredAt !== b.registeredAt) return a.registeredAt < b.registeredAt;
  return a.uid < b.uid;
}
