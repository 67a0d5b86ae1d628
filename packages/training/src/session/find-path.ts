import { bytesToHex } from '@cairn/core';
import type { PaidRoundView, RunReader, RunView } from '@cairn/protocol';
import { TrainingError } from '../errors.ts';

/** A way from weights that are at hand to those that are wanted. */
export interface WeightPath {
  /** Root of where it begins. */
  readonly from: Uint8Array;
  /** Rounds after it, oldest first; each leads from its base to its new root. */
  readonly rounds: readonly PaidRoundView[];
}

/**
 * Follows outcomes back from a root until weights that can be loaded: after a rollback too, since outcomes name both
 * of their ends.
 *
 * @param isAtHand whether the weights of a root (hex) can be loaded.
 * @throws TrainingError `WEIGHTS_OUT_OF_REACH` when the ledger keeps no outcomes that far back
 */
export async function findPath(
  ledger: Pick<RunReader, 'paidRound'>,
  run: RunView,
  target: Uint8Array,
  isAtHand: (root: string) => boolean,
): Promise<WeightPath> {
  const rounds: PaidRoundView[] = [];
  let root = target;
  for (let number = run.round - 1; !isAtHand(bytesToHex(root)); number -= 1) {
    if (number < 1) throw outOfReach(run, root);
    const paid = await ledger.paidRound(run.id, number);
    if (paid === null) {
      if (number < run.keptRound) throw outOfReach(run, root);
      continue;
    }
    if (bytesToHex(paid.newRoot) !== bytesToHex(root)) continue;
    // A round that changed nothing is no step.
    if (bytesToHex(paid.baseRoot) !== bytesToHex(paid.newRoot)) rounds.unshift(paid);
    root = paid.baseRoot;
  }
  return { from: root, rounds };
}

function outOfReach({ id, round }: RunView, root: Uint8Array): TrainingError {
  const [run, weights] = [bytesToHex(id), bytesToHex(root)];
  return new TrainingError(
    { code: 'WEIGHTS_OUT_OF_REACH', run, root: weights },
    `The weights ${weights.slice(0, 12)}… that round ${round} of run ${run.slice(0, 12)}… starts from cannot be had: nobody who was asked has a checkpoint that leads to them. Try again when others are there, or wait for the next checkpoint.`,
  );
}
