import { account, bytes32, bytesToHex, list, struct, u8, u16, u32, u64, type ValueOf } from '@cairn/core';
import { defineTable } from '../state/table.ts';
import { MAX_JUDGES, MAX_ROSTER, MAX_WITNESSES } from './limits.ts';
import { wideId } from './seat.ts';

/** A validator and what it weighs, as of when it was asked. */
export const judgeShape = struct('Judge', { hotkey: account, stake: u64 });
export type Judge = ValueOf<typeof judgeShape>;

/** The round that is open. A place is an index into `roster`, and a bit of each bitmap. */
export const roundShape = struct('Round', {
  round: u32,
  /** What the roster and the data are drawn from. */
  seed: bytes32,
  /** Salts of validators in it; 0 or 1: an operator could have chosen it. */
  mixedSalts: u16,
  /** What scores are measured with: fixed when commits were closed. Zero before. */
  scoreSeed: bytes32,
  startSlot: u64,
  /** When the phase ends at the latest. */
  deadlineSlot: u64,
  baseRoot: bytes32,
  /** First batch of place 0; place p has the `innerSteps` batches from `dataStart + p × innerSteps`. */
  dataStart: u64,
  halvings: u8,
  /** Pebbles reserved for it. */
  reward: u64,
  /** Seats in the order of the draw: those that count, then the reserves. */
  roster: list(u32, MAX_ROSTER),
  /** Places that say which updates can be had, drawn from those that committed. Set with `scoreSeed`. */
  witnesses: list(u16, MAX_WITNESSES),
  judges: list(judgeShape, MAX_JUDGES),
  /** Places that committed an update. */
  committed: bytes32,
  /** Of those the ones that may enter the weights: reserves only where others are missing. Set with `scoreSeed`. */
  counted: bytes32,
  /** Places that witnessed, and how many found each update. */
  witnessed: bytes32,
  found: list(u8, MAX_ROSTER),
  /** Judges by their place in `judges`, a bit each, that committed and that revealed scores. */
  scored: u32,
  revealed: u32,
  /** Judges that voted for an outcome. */
  voted: u32,
});
export type Round = ValueOf<typeof roundShape>;

/** Run id → its open round. */
export const rounds = defineTable('training', 'round', roundShape);

export const updateShape = struct('Update', {
  /** SHA-256 and size of the update. */
  payload: bytes32,
  sizeBytes: u32,
  /** Root over the hashes of parameters and moments after each inner step, leaves 0 to `steps`. */
  traceRoot: bytes32,
  /** Root of what the trainer keeps for its next update; zero: it keeps nothing. */
  residualRoot: bytes32,
  /** Inner steps done. */
  steps: u16,
  committedSlot: u64,
});
export type Update = ValueOf<typeof updateShape>;

/** `<run hex>/<round>/<place>` → what the place committed. Kept as long as its round. */
export const updates = defineTable('training', 'update', updateShape);
export const placeKey = (run: Uint8Array, round: number, place: number): string =>
  `${bytesToHex(run)}/${wideId(round)}/${wideId(place)}`;

/** `<run hex>/<place>` → the bitmap of a witness of the open round. */
export const witnessings = defineTable('training', 'witnessing', struct('Witnessing', { found: bytes32 }));

/** `<run hex>/<judge>` → scores of a validator in the open round. */
export const scorings = defineTable(
  'training',
  'scoring',
  struct('Scoring', {
    commitment: bytes32,
    /** By place; none while they are secret. */
    scores: list(u16, MAX_ROSTER),
    salt: bytes32,
  }),
);

export const outcomeShape = struct('Outcome', {
  /** Places whose updates are sound and can be had. */
  accepted: bytes32,
  /** Root of the weights after the round. */
  newRoot: bytes32,
  /** Held-out loss of them in millionths of a nat; 0: not measured, 2^32 − 1: no number. */
  evalLoss: u32,
});
export type Outcome = ValueOf<typeof outcomeShape>;

/** `<run hex>/<judge>` → the outcome a validator found of the open round. */
export const outcomes = defineTable('training', 'outcome', outcomeShape);
export const judgeKey = (run: Uint8Array, judge: number): string => `${bytesToHex(run)}/${wideId(judge)}`;
