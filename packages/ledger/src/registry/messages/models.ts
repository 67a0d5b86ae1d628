import { bytes32, struct, type ValueOf } from '@cairn/core';
import { modelCardShape } from '../card.ts';

export const publishModelShape = struct('PublishModel', { card: modelCardShape });
export type PublishModel = ValueOf<typeof publishModelShape>;

export const retireModelShape = struct('RetireModel', { model: bytes32 });
export type RetireModel = ValueOf<typeof retireModelShape>;

export const clearRoyaltiesShape = struct('ClearRoyalties', {
  model: bytes32,
  /** SHA-256 of the artifact. */
  artifact: bytes32,
});
export type ClearRoyalties = ValueOf<typeof clearRoyaltiesShape>;
