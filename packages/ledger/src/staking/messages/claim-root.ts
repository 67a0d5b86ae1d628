import { account, struct, u16, type ValueOf } from '@cairn/core';

export const claimRootShape = struct('ClaimRoot', { hotkey: account, netuid: u16 });
export type ClaimRoot = ValueOf<typeof claimRootShape>;
