import { bytes32, list, struct, u16, u32, type ValueOf } from '@cairn/core';
import { MAX_UIDS } from '../../subnets/hyperparameters.ts';
import { mechanismIndex } from './mechanism-index.ts';

export const setWeightsShape = struct('SetWeights', {
  netuid: u16,
  /** Number of the subnet's mechanism. @default 0 */
  mechanism: mechanismIndex,
  /** Epoch whose tasks were scored: the weights count in this one or not at all. */
  epoch: u32,
  /** Strictly ascending. */
  uids: list(u16, MAX_UIDS),
  /** Weight of each uid, in any scale; a zero counts as given. */
  values: list(u16, MAX_UIDS),
  /** Version of the mechanism that scored. */
  version: u32,
  /** Root of the evidence bundle from which anyone derives these weights again. */
  evidenceRoot: bytes32,
  /** The salt committed before. */
  salt: bytes32,
  /** `saltCommitment` of the next. */
  nextSaltCommitment: bytes32,
});
export type SetWeights = ValueOf<typeof setWeightsShape>;
