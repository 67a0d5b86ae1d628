import { bytes32, list, struct, u16, u32, type ValueOf } from '@cairn/core';
import { MAX_UIDS } from '../../subnets/hyperparameters.ts';
import { mechanismIndex } from './mechanism-index.ts';

export const revealWeightsShape = struct('RevealWeights', {
  netuid: u16,
  /** Number of the subnet's mechanism. @default 0 */
  mechanism: mechanismIndex,
  /** Epoch in which they were committed. */
  epoch: u32,
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
export type RevealWeights = ValueOf<typeof revealWeightsShape>;
