import { KEPT_ROUNDS, MAX_CASES, MAX_JUDGES, MAX_TRIED, MAX_UNVESTED_ROUNDS } from './limits.ts';
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
/** A seat and its device. */
const SEAT_RECORD_BYTES = 760;
/** What a place committed to in one round. */
const UPDATE_BYTES = 300;

/** Bytes that the deposit of a seat is reckoned from: its records, and its update of each round that has not vested. */
export const SEAT_BYTES = SEAT_RECORD_BYTES + UPDATE_BYTES * (MAX_UNVESTED_ROUNDS + 1);

export const CHECKPOINT_BYTES = 660;

const paidRoundBytes = ({ maxTrainers, reserves }: RunTerms): number =>
  PAID_ROUND_BYTES + PAY_LINE_BYTES * (maxTrainers + reserves) + JUDGE_LINE_BYTES * MAX_JUDGES;

/** Bytes of what stays of a run after its end. */
export const keptBytesOf = (terms: RunTerms): number =>
  RUN_RECORD_BYTES + paidRoundBytes(terms) * (KEPT_ROUNDS + 1);

/** Bytes of what a run needs while it is open. */
export const workBytesOf = (terms: RunTerms): number =>
  OPEN_BYTES + (paidRoundBytes(terms) + 4 * MAX_TRIED + 128) * MAX_UNVESTED_ROUNDS + CASE_BYTES * MAX_CASES;
