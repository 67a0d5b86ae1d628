import {
  account,
  bytes32,
  choice,
  list,
  optional,
  struct,
  u8,
  u16,
  u32,
  u64,
  type ValueOf,
} from '@cairn/core';
import { defineTable } from '../state/table.ts';
import { MAX_JUDGES } from './limits.ts';
import { judgeShape } from './round.ts';

/** `guilty`: the step replayed gives another state. `honest`: it gives this one. `unavailable`: what is needed cannot be had. */
export const VERDICTS = ['guilty', 'honest', 'unavailable'] as const;
export type TrainingVerdict = (typeof VERDICTS)[number];

/** `judging`: validators replay. `convicted`: the trainer may appeal. `appealed`: they replay for the last time. */
const CASE_PHASES = ['judging', 'convicted', 'appealed'] as const;

/** One inner step of one update in question. */
export const trainingCaseShape = struct('TrainingCase', {
  round: u32,
  place: u16,
  seat: u32,
  /** From the state after this many steps to that after one more. */
  step: u16,
  /** Who doubts it; null: it was drawn. */
  challenger: optional(account),
  /** SHA-256 of what the challenger shows, which peers serve; zero: nothing. */
  evidence: bytes32,
  phase: choice('phase', CASE_PHASES, u8),
  openedSlot: u64,
  /** When the phase ends at the latest. */
  deadlineSlot: u64,
  judges: list(judgeShape, MAX_JUDGES),
  votes: list(struct('CaseVote', { judge: u8, verdict: choice('verdict', VERDICTS, u8) }), MAX_JUDGES),
  /** Pebbles of the challenger and of the appeal, and who paid that. */
  deposit: u64,
  appealDeposit: u64,
  appellant: optional(account),
  /** Pay of the round for the place, once its window closed, in pebbles. */
  heldPay: u64,
});
export type TrainingCase = ValueOf<typeof trainingCaseShape>;

/** `<run hex>/<case>` → open case. */
export const trainingCases = defineTable('training', 'case', trainingCaseShape);
