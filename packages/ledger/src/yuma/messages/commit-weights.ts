import { bytes32, struct, u16, u32, type ValueOf } from '@cairn/core';
import { mechanismIndex } from './mechanism-index.ts';

export const commitWeightsShape = struct('CommitWeights', {
  netuid: u16,
  /** Number of the subnet's mechanism. @default 0 */
  mechanism: mechanismIndex,
  /** The current epoch, whose tasks were scored. */
  epoch: u32,
  /** `weightsCommitment` of the weights. */
  commitment: bytes32,
  /** Root of the sealed evidence bundle, which the reveal of the salt opens. */
  evidenceRoot: bytes32,
});
export type CommitWeights = ValueOf<typeof commitWeightsShape>;
