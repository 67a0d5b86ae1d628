import { bytes32, struct, u16, type ValueOf } from '@cairn/core';

export const commitSaltShape = struct('CommitSalt', { netuid: u16, commitment: bytes32 });
export type CommitSalt = ValueOf<typeof commitSaltShape>;
