import { account, bytes32, struct, type ValueOf } from '@cairn/core';

export const rejectProxyCallShape = struct('RejectProxyCall', {
  owner: account,
  delegate: account,
  callHash: bytes32,
});
export type RejectProxyCall = ValueOf<typeof rejectProxyCallShape>;
