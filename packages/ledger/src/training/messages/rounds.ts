import { bytes32, list, struct, u16, u32, type ValueOf } from '@cairn/core';
import { MAX_ROSTER } from '../limits.ts';

/** Sent by the device of a place of the roster, before it shows the update. */
export const commitUpdateShape = struct('CommitUpdate', {
  run: bytes32,
  round: u32,
  /** SHA-256 and size of the update, whose header names run, round and seat, so that it is of no use to another. */
  payload: bytes32,
  sizeBytes: u32,
  /** Root of the weights it started from: that of the round. */
  baseRoot: bytes32,
  traceRoot: bytes32,
  residualRoot: bytes32,
  /** Inner steps done, from 1 to `innerSteps`. */
  steps: u16,
});
export type CommitUpdate = ValueOf<typeof commitUpdateShape>;

/** Sent by the device of a witness. */
export const witnessUpdatesShape = struct('WitnessUpdates', {
  run: bytes32,
  round: u32,
  /** Places whose update it holds, whole and with its hash right. */
  found: bytes32,
});
export type WitnessUpdates = ValueOf<typeof witnessUpdatesShape>;

/** Sent by a hotkey that judges the round. */
export const commitScoresShape = struct('CommitScores', {
  run: bytes32,
  round: u32,
  /** `scoreCommitmentOf` the scores. */
  commitment: bytes32,
});
export type CommitScores = ValueOf<typeof commitScoresShape>;

export const revealScoresShape = struct('RevealScores', {
  run: bytes32,
  round: u32,
  /** One for each place of the roster, 0 for nothing. */
  scores: list(u16, MAX_ROSTER),
  /** Random, and used once: it is mixed into the seed of the next round. */
  salt: bytes32,
});
export type RevealScores = ValueOf<typeof revealScoresShape>;

export const settleRoundShape = struct('SettleRound', {
  run: bytes32,
  round: u32,
  /** Places whose updates are sound and can be had. The weights are made of those that are counted. */
  accepted: bytes32,
  newRoot: bytes32,
  evalLoss: u32,
});
export type SettleRound = ValueOf<typeof settleRoundShape>;
