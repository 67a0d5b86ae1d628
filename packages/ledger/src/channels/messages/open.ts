import { account, struct, u16, u64, type ValueOf } from '@cairn/core';

export const openChannelShape = struct('OpenChannel', { payee: account, netuid: u16, deposit: u64 });
export type OpenChannel = ValueOf<typeof openChannelShape>;
