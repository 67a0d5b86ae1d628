import { bytes32, struct, u64, type ValueOf } from '@cairn/core';

export const topUpChannelShape = struct('TopUpChannel', { channel: bytes32, amount: u64 });
export type TopUpChannel = ValueOf<typeof topUpChannelShape>;
