import {
  type AccountId,
  account,
  bool,
  bytes32,
  type Crypto,
  choice,
  concatBytes,
  list,
  optional,
  struct,
  text,
  u8,
  u16,
  u32,
  u64,
  u64ToBytes,
  utf8ToBytes,
  type ValueOf,
} from '@cairn/core';
import { defineCell, defineTable } from '../state/table.ts';
import { MAX_ARRIVALS, MAX_CASES, MAX_MAINTAINERS, MAX_ROSTER, MAX_RUNS, MAX_SEATS } from './limits.ts';
import { runTermsShape } from './terms.ts';

/**
 * `cooldown`: no round is open. `train`: updates are committed. `show`: they are shown, witnessed, and scores
 * committed. `settle`: scores are revealed and the outcome is agreed on. `ended`: nothing happens any more.
 */
export const RUN_PHASES = ['cooldown', 'train', 'show', 'settle', 'ended'] as const;
export type RunPhase = (typeof RUN_PHASES)[number];

/** Why a run has no open round. */
export const COOLDOWN_REASONS = [
  'none',
  'tooFewTrainers',
  'noJudges',
  'poolEmpty',
  'windowsOpen',
  'roundsDone',
  'ending',
] as const;
export type CooldownReason = (typeof COOLDOWN_REASONS)[number];

/** A checkpoint of another run that this one goes on from. */
export const parentShape = struct('ParentCheckpoint', { run: bytes32, round: u32 });

export const runShape = struct('Run', {
  owner: account,
  /** The owner's subnet, whose validators judge. */
  netuid: u16,
  name: text(48),
  /** SHA-256 and size of the manifest, which peers serve. */
  manifest: bytes32,
  manifestBytes: u32,
  terms: runTermsShape,
  maintainers: list(account, MAX_MAINTAINERS),
  parent: optional(parentShape),
  /** Model of the registry that the first weights are from. */
  parentModel: optional(bytes32),
  createdSlot: u64,

  phase: choice('phase', RUN_PHASES, u8),
  reason: choice('reason', COOLDOWN_REASONS, u8),
  isEnding: bool,
  /** The open round, or the one that is opened next. From 1. */
  round: u32,
  /** Root of the weights that the open or next round starts from. */
  root: bytes32,
  /** Where the data of the next round begins, in batches. */
  dataStart: u64,
  /** The learning rate is that of the manifest divided by 2 to this. */
  halvings: u8,

  /** What a rollback goes back to: the weights after `checkpointRound`, at first those it started from. */
  checkpointRound: u32,
  checkpointRoot: bytes32,
  /** First round whose updates come after the checkpoint: the weights are the checkpoint and the rounds from this on. */
  logFrom: u32,
  /** Least held-out loss of any outcome, millionths of a nat; 0: none yet. */
  bestLoss: u32,
  /** Outcomes in a row whose loss was rising above it. */
  rising: u8,

  /** Pebbles that no round has reserved, and those for challenges. */
  pool: u64,
  challengeFund: u64,
  /** From the salts that validators revealed in the latest round, and how many those were. */
  mix: bytes32,
  mixedSalts: u16,

  /** Seats ever given. */
  seats: u32,
  /** Oldest round whose pay has not vested, and the oldest whose factors are kept. */
  unvestedRound: u32,
  keptRound: u32,
  /** Cases ever opened. */
  cases: u32,
  /** Rounds without an outcome in time. */
  voidRounds: u32,
  /** Refundable deposits in pebbles, paid by the owner: of what stays after the end, and of what does not. */
  deposit: u64,
  workDeposit: u64,
});
export type Run = ValueOf<typeof runShape>;

/** Run id → run. */
export const runs = defineTable('training', 'run', runShape, { isRemembered: true });

/** Who is in a run: numbers of seats. */
const membersShape = struct('RunMembers', {
  /** Those that rounds are drawn from, ascending. */
  active: list(u32, MAX_ROSTER),
  /** Those that left and are liable until what they did cannot be challenged any more. */
  leaving: list(u32, MAX_SEATS),
  /** How many slots after the start of their rounds the latest updates came. */
  arrivals: list(u32, MAX_ARRIVALS),
  /** Open cases by number with the slot at which they are looked at. */
  openCases: list(struct('OpenRunCase', { number: u32, dueSlot: u64 }), MAX_CASES),
});

export const members = defineTable('training', 'members', membersShape);

/** Runs that are not ended, with the slot at which something of them is due. */
export const openRunsCell = defineCell(
  'training',
  'open',
  list(struct('OpenRun', { run: bytes32, dueSlot: u64 }), MAX_RUNS),
  [],
  { isRemembered: true },
);

/** Id of a run: the owner's nonce makes it unique on its chain. */
export function runIdOf(crypto: Crypto, chainId: Uint8Array, owner: AccountId, nonce: bigint): Uint8Array {
  return crypto.sha256(concatBytes(utf8ToBytes('cairn/run/v1'), chainId, owner, u64ToBytes(nonce)));
}
