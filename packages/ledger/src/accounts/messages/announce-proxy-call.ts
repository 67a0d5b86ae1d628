import { account, bytes32, struct, type ValueOf } from '@cairn/core';

export const announceProxyCallShape = struct('AnnounceProxyCall', { owner: account, callHash: bytes32 });
export type AnnounceProxyCall = ValueOf<typeof announceProxyCallShape>;
