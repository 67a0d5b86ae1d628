import { type Calibration, DRIFT_QUANTILES } from './calibration.ts';
import { isShiftSignificant, shiftUp, sortAscending } from './kolmogorov-smirnov.ts';

/** Fewest answers of one provider that are compared as a whole. */
export const MIN_COMPARED_ANSWERS = 16;

export interface DriftCheck {
  /** Null: too few answers. */
  readonly isShifted: boolean | null;
  /** Shift from the honest environment it is nearest to, in parts per million. */
  readonly shiftPpm: number;
}

/**
 * Many answers of one provider together: whether their drifts are larger than those of every honest environment. A
 * provider is compared with the one it is nearest to, and granted what honest environments differ by among each other.
 *
 * @param drifts one per answer, in parts per billion; any order.
 */
export function checkDrifts(calibration: Calibration, drifts: readonly bigint[]): DriftCheck {
  if (drifts.length < MIN_COMPARED_ANSWERS) return { isShifted: null, shiftPpm: 0 };
  const sample = sortAscending(drifts);
  const shifts = calibration.environments.map((environment) => ({
    shiftPpm: shiftUp(environment.drifts, sample),
    answers: Math.min(environment.answers, DRIFT_QUANTILES),
  }));
  const nearest = shifts.reduce((least, shift) => (shift.shiftPpm < least.shiftPpm ? shift : least));
  const { shiftPpm, answers } = nearest;
  return {
    isShifted: isShiftSignificant(shiftPpm, calibration.honestDistancePpm, answers, sample.length),
    shiftPpm,
  };
}
