import { struct, text, u64, type ValueOf } from '@cairn/core';
import { MAX_SUBNET_NAME_BYTES } from '../state.ts';

export const createSubnetShape = struct('CreateSubnet', {
  name: text(MAX_SUBNET_NAME_BYTES),
  /** Most pebbles to lock. */
  lockLimit: u64,
});
export type CreateSubnet = ValueOf<typeof createSubnetShape>;
