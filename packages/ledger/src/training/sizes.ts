import {
  KEPT_ROUNDS,
  MAX_CASES,
  MAX_FORGOTTEN,
  MAX_JUDGES,
  MAX_LOG_ROUNDS,
  MAX_TRIED,
  MAX_UNVESTED_ROUNDS,
} from './limits.ts';
import type { RunTerms } from './terms.ts';

// Largest records with their keys, in bytes. Tests hold each against what it takes.

/** A run, and those of its settled rounds that are kept, which stay after its end. */
const RUN_RECORD_BYTES = 1_400;
/** Lines of a settled round: of one place, of one validator, and what it has besides. */
const PAY_LINE_BYTES = 38;
const JUDGE_LINE_BYTES = 50;
const PAID_ROUND_BYTES = 480;
/** Members of a run, its open round, and what its judges and witnesses say. */
const OPEN_BYTES = 60_000;
const CASE_BYTES = 2_000;
/** What a place committed to in one round. */
const UPDATE_BYTES = 300;

/** Bytes that the deposits of a seat, with its device, and of a checkpoint are reckoned from. */
export const SEAT_BYTES = 760;
export const CHECKPOINT_BYTES = 660;

/** A settled round with its updates. */
const roundBytesOf = ({ maxTrainers, reserves }: RunTerms): number =>
  PAID_ROUND_BYTES +
  (PAY_LINE_BYTES + UPDATE_BYTES) * (maxTrainers + reserves) +
  JUDGE_LINE_BYTES * MAX_JUDGES;

/** Bytes of what stays of a run after its end. */
export const keptBytesOf = (terms: RunTerms): number =>
  RUN_RECORD_BYTES + roundBytesOf(terms) * (KEPT_ROUNDS + MAX_FORGOTTEN);

/** Bytes of what a run needs while it is open: rounds that have not vested or are in the log, and steps that were tried. */
export const workBytesOf = (terms: RunTerms): number =>
  OPEN_BYTES +
  roundBytesOf(terms) * Math.max(MAX_UNVESTED_ROUNDS, MAX_LOG_ROUNDS) +
  (4 * MAX_TRIED + 128) * MAX_UNVESTED_ROUNDS +
  CASE_BYTES * MAX_CASES;
