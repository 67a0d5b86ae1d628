import { account, struct, u64, type ValueOf } from '@cairn/core';

export const transferShape = struct('Transfer', { to: account, amount: u64 });
export type Transfer = ValueOf<typeof transferShape>;
