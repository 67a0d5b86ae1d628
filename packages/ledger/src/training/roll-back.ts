import type { BlockContext } from '../execution/context.ts';
import { rolledBack } from './events.ts';
import { LOSS_NOT_FINITE, LOSS_NOT_MEASURED, MAX_HALVINGS, MAX_LOG_ROUNDS, RISING_LIMIT } from './limits.ts';
import { type PaidRound, paidRounds, roundKey } from './paid-round.ts';
import type { Run } from './run.ts';

/**
 * Losses above this many hundredths of the best count as rising, when they are also so many millionths of a nat above
 * it: near zero 5 % are less than what a few held-out batches differ by.
 */
const RISING_PERCENT = 105n;
const RISING_LEAST = 50_000;

/**
 * Takes note of the held-out loss of an outcome. One that is no number, or the third in a row that is rising, sends the
 * run back to its checkpoint, and to the loss it had there, with half the learning rate. Otherwise the weights become the checkpoint when it is
 * `checkpointEvery` rounds old, or no round is to follow, unless their loss is rising.
 *
 * @param run as it is after the round of `paid`: `run.round` is the next one
 */
export function rollBack(context: BlockContext, id: Uint8Array, run: Run, paid: PaidRound): Run {
  const { evalLoss } = paid;
  const isNumber = isMeasured(evalLoss);
  const isRising =
    isNumber &&
    run.bestLoss > 0 &&
    evalLoss > run.bestLoss + RISING_LEAST &&
    BigInt(evalLoss) * 100n > BigInt(run.bestLoss) * RISING_PERCENT;
  const rising = isRising ? run.rising + 1 : isNumber ? 0 : run.rising;
  if (evalLoss === LOSS_NOT_FINITE || rising >= RISING_LIMIT) {
    const back: Run = {
      ...run,
      root: run.checkpointRoot,
      logFrom: run.round,
      bestLoss: checkpointLoss(context, id, run),
      rising: 0,
      halvings: Math.min(MAX_HALVINGS, run.halvings + 1),
    };
    rolledBack(context, id, back, evalLoss);
    return back;
  }
  const bestLoss = isNumber && (run.bestLoss === 0 || evalLoss < run.bestLoss) ? evalLoss : run.bestLoss;
  const noted: Run = { ...run, rising, bestLoss };
  const isOld = run.round - 1 - run.checkpointRound >= run.terms.checkpointEvery;
  const isDue = (isOld || isLastDone(run)) && rising === 0;
  return isDue || isLogFull(run) ? keepCheckpoint(noted) : noted;
}

const isMeasured = (loss: number): boolean => loss !== LOSS_NOT_MEASURED && loss !== LOSS_NOT_FINITE;

/**
 * The loss that the run had at its checkpoint, 0 when nobody measured it or its round is forgotten. A better one of
 * rounds that were thrown away would make every round after a rollback a rising one.
 */
function checkpointLoss({ state }: BlockContext, id: Uint8Array, { checkpointRound }: Run): number {
  const loss = paidRounds.get(state, roundKey(id, checkpointRound))?.evalLoss ?? LOSS_NOT_MEASURED;
  return isMeasured(loss) ? loss : 0;
}

/** Whether all rounds of its terms are over, void ones too. */
export const isLastDone = ({ round, terms }: Run): boolean => terms.rounds > 0 && round > terms.rounds;

/** Whether late joiners would have to go through too many rounds. */
export const isLogFull = ({ round, logFrom }: Run): boolean => round - logFrom >= MAX_LOG_ROUNDS;

/** The weights become what a rollback goes back to. */
export function keepCheckpoint(run: Run): Run {
  return { ...run, checkpointRound: run.round - 1, checkpointRoot: run.root, logFrom: run.round };
}
