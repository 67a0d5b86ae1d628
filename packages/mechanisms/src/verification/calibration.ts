import { bytes32, decode, encode, list, struct, text, u32, u64, type ValueOf } from '@cairn/core';
import { MechanismError } from '../errors.ts';
import { shiftUp, sortAscending } from './kolmogorov-smirnov.ts';
import type { AnswerMeasures } from './measure-answer.ts';

/** Most environments of one calibration, and quantiles kept of each. */
const MAX_ENVIRONMENTS = 64;
export const DRIFT_QUANTILES = 64;
/** Fewest honest answers, and fewest environments, that thresholds may rest on. */
const MIN_ANSWERS = 200;
const MIN_ENVIRONMENTS = 3;

const environmentShape = struct('CalibratedEnvironment', {
  /** What answered and what reviewed, such as `haswell t1 b1 / zen4 t2 b1`. */
  name: text(96),
  answers: u32,
  /** Evenly spaced quantiles of the drift of its answers, ascending, in parts per billion. */
  drifts: list(u64, DRIFT_QUANTILES),
});

/**
 * What honest engines of one artifact differ by, measured; thresholds hold for this artifact and this release of this
 * engine alone. Published by whoever publishes the artifact, beside its card.
 */
export const calibrationShape = struct('Calibration', {
  /** SHA-256 of the artifact's file. */
  artifact: bytes32,
  /** Name and release of the engine, such as `llama.cpp v0.5.0`. */
  engine: text(64),
  environments: list(environmentShape, MAX_ENVIRONMENTS),
  answers: u32,
  tokens: u64,
  /** How many times the worst honest value each limit is, in hundredths. */
  headroomPercent: u32,
  /** Largest distance of an emitted token from the reviewer's pick, in billionths of a nat. */
  marginNano: u64,
  /** Smallest share of tokens within that distance, in parts per million. */
  leastAgreementPpm: u32,
  /** Largest drift of the log probabilities of one answer, in parts per billion. */
  mostDriftPpb: u64,
  /** Largest distance of a token that ends the answer from the reviewer's pick, in billionths of a nat. */
  endMarginNano: u64,
  /**
   * Shift (Kolmogorov-Smirnov) of the honest environment that stands out most from the one it is nearest to, in parts
   * per million.
   */
  honestDistancePpm: u32,
});
export type Calibration = ValueOf<typeof calibrationShape>;

export const encodeCalibration = (calibration: Calibration): Uint8Array =>
  encode(calibrationShape, calibration);

/** @throws CodecError on bytes that are no calibration */
export const decodeCalibration = (bytes: Uint8Array): Calibration => decode(calibrationShape, bytes);

/** Measures of honest answers, by what answered and what reviewed. */
export interface HonestRun {
  readonly environment: string;
  readonly answers: readonly AnswerMeasures[];
}

/**
 * Thresholds from honest runs: each limit is the worst honest value times `headroom`; those of picks are at least
 * twice that of drift, since near ties are rare and may not have been among the runs.
 *
 * The tail beyond what was seen is unknown, so whoever uses the thresholds checks them against other honest runs.
 *
 * @param headroom at least 1; 3 when absent.
 * @throws MechanismError `CALIBRATION_TOO_SMALL` below 200 answers or three environments
 */
export function calibrate(
  of: Pick<Calibration, 'artifact' | 'engine'>,
  runs: readonly HonestRun[],
  headroom = 3,
): Calibration {
  const answers = runs.flatMap((run) => run.answers);
  if (answers.length < MIN_ANSWERS || runs.length < MIN_ENVIRONMENTS) {
    throw new MechanismError(
      { code: 'CALIBRATION_TOO_SMALL', answers: answers.length, environments: runs.length },
      `${answers.length} honest answers of ${runs.length} environments are too few to set thresholds by. ` +
        `Run at least ${MIN_ANSWERS} in ${MIN_ENVIRONMENTS} environments.`,
    );
  }
  const percent = BigInt(Math.round(headroom * 100));
  const widen = (value: bigint): bigint => (value * percent + 99n) / 100n;
  const worst = (value: (of: AnswerMeasures) => bigint): bigint =>
    answers.reduce((most, answer) => (value(answer) > most ? value(answer) : most), 0n);
  // Drift is about what a logit moves by, and a pick changes when two of them move apart.
  const mostDriftPpb = widen(worst(({ driftPpb }) => driftPpb));
  const limitOf = (margin: bigint): bigint =>
    widen(margin) > 2n * mostDriftPpb ? widen(margin) : 2n * mostDriftPpb;
  const sorted = runs.map(({ environment, answers: own }) => ({
    name: environment,
    drifts: sortAscending(own.map(({ driftPpb }) => driftPpb)),
  }));
  return {
    ...of,
    environments: sorted.map(({ name, drifts }) => ({
      name,
      answers: drifts.length,
      drifts: quantilesOf(drifts),
    })),
    answers: answers.length,
    tokens: BigInt(answers.reduce((sum, { marginsNano }) => sum + marginsNano.length, 0)),
    headroomPercent: Number(percent),
    marginNano: limitOf(worst(({ marginsNano }) => marginsNano.reduce((a, b) => (a > b ? a : b), 0n))),
    leastAgreementPpm: 1_000_000,
    mostDriftPpb,
    endMarginNano: limitOf(worst(({ endMarginNano }) => endMarginNano ?? 0n)),
    honestDistancePpm: farthestFromNearest(sorted.map(({ drifts }) => drifts)),
  };
}

/** Evenly spaced values of a sorted list: the middle of each of up to `DRIFT_QUANTILES` equal parts. */
function quantilesOf(sorted: readonly bigint[]): bigint[] {
  const count = Math.min(sorted.length, DRIFT_QUANTILES);
  return Array.from({ length: count }, (_, at) => sorted[Math.floor(((at + 0.5) * sorted.length) / count)]!);
}

/**
 * How far the environment that stands out most is from the one it is nearest to: what a provider on a machine of a
 * kind that nobody calibrated may differ by.
 */
function farthestFromNearest(samples: readonly (readonly bigint[])[]): number {
  const nearest = samples.map((sample, own) =>
    Math.min(...samples.flatMap((base, other) => (other === own ? [] : [shiftUp(base, sample)]))),
  );
  return Math.max(...nearest);
}
