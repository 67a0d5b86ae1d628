import {
  account,
  bool,
  bytes32,
  bytesToHex,
  list,
  struct,
  u8,
  u16,
  u32,
  u64,
  type ValueOf,
} from '@cairn/core';
import { defineTable } from '../state/table.ts';
import { MAX_JUDGES, MAX_ROSTER, MAX_TRIED } from './limits.ts';
import { wideId } from './seat.ts';

/** What one place of a settled round earned, and why. */
export const payLineShape = struct('PayLine', {
  seat: u32,
  /** Inner steps done. */
  steps: u16,
  /** Median of the revealed scores, by stake. */
  score: u16,
  /** What is taken of it for standing by as a reserve and for missed rounds, of 10,000. */
  rampBps: u16,
  /** score × steps × ramp: its part of the trainers' share is this of the sum. */
  weight: u64,
  /** Pebbles for the update. */
  pay: u64,
  /** Updates it was right about as a witness, and pebbles for that. */
  witnessWeight: u16,
  witnessPay: u64,
});
export type PayLine = ValueOf<typeof payLineShape>;

export const judgeLineShape = struct('JudgeLine', {
  hotkey: account,
  stake: u64,
  /** How near its scores are to the medians, of 10,000; 0 for who revealed none or found another outcome. */
  agreementBps: u16,
  pay: u64,
});
export type JudgeLine = ValueOf<typeof judgeLineShape>;

/** A settled round: outcome, and every factor of its pay. */
export const paidRoundShape = struct('PaidRound', {
  seed: bytes32,
  mixedSalts: u16,
  baseRoot: bytes32,
  newRoot: bytes32,
  dataStart: u64,
  halvings: u8,
  evalLoss: u32,
  settledSlot: u64,
  /** Challenges are heard before it; then pay vests. */
  vestSlot: u64,
  isVested: bool,
  /** No outcome was agreed on in time, or nobody committed: it paid nothing and changed no weights. */
  isVoid: bool,
  reward: u64,
  /** Places that committed, that enough witnesses found, that may enter the weights, that are sound. */
  committed: bytes32,
  available: bytes32,
  counted: bytes32,
  accepted: bytes32,
  /** By place. */
  lines: list(payLineShape, MAX_ROSTER),
  judges: list(judgeLineShape, MAX_JUDGES),
});
export type PaidRound = ValueOf<typeof paidRoundShape>;

/** `<run hex>/<round>` → a settled round. */
export const paidRounds = defineTable('training', 'paid', paidRoundShape);
export const roundKey = (run: Uint8Array, round: number): string => `${bytesToHex(run)}/${wideId(round)}`;

/** `<run hex>/<round>` → steps of it that a case was about: none is judged twice. */
export const triedSteps = defineTable(
  'training',
  'tried',
  struct('TriedSteps', { steps: list(struct('TriedStep', { place: u16, step: u16 }), MAX_TRIED) }),
);
