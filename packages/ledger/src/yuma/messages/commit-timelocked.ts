import {
  bytes,
  bytes32,
  list,
  struct,
  TIMELOCK_OVERHEAD_BYTES,
  u16,
  u32,
  u64,
  type ValueOf,
} from '@cairn/core';
import { MAX_UIDS } from '../../subnets/hyperparameters.ts';
import { mechanismIndex } from './mechanism-index.ts';

/** What a validator seals to the round: all that a reveal shows and that the commit does not say. */
export const timelockedWeightsShape = struct('TimelockedWeights', {
  /** Strictly ascending. */
  uids: list(u16, MAX_UIDS),
  /** Weight of each uid, in any scale; a zero counts as given. */
  values: list(u16, MAX_UIDS),
  /** Version of the mechanism that scored. */
  version: u32,
  /** The salt of that epoch. */
  salt: bytes32,
  /** `saltCommitment` of another salt to be bound to, after those there are. */
  nextSaltCommitment: bytes32,
});
export type TimelockedWeights = ValueOf<typeof timelockedWeightsShape>;

/** Longest ciphertext: a weight for every uid there can be, and what is the same for all. */
export const MAX_TIMELOCKED_BYTES: number = TIMELOCK_OVERHEAD_BYTES + 76 + 4 * MAX_UIDS;

export const commitTimelockedShape = struct('CommitTimelocked', {
  netuid: u16,
  /** Number of the subnet's mechanism. @default 0 */
  mechanism: mechanismIndex,
  /** The current epoch, whose tasks were scored. */
  epoch: u32,
  /** Round of the beacon to which they are sealed: the one that `yuma_timelock` names. */
  round: u64,
  /** `weightsCommitment` of the weights. */
  commitment: bytes32,
  /** Root of the sealed evidence bundle, which the salt opens. */
  evidenceRoot: bytes32,
  /** `TimelockedWeights`, sealed to the round. */
  ciphertext: bytes(MAX_TIMELOCKED_BYTES),
});
export type CommitTimelocked = ValueOf<typeof commitTimelockedShape>;
