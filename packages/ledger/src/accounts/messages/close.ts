import { account, struct, type ValueOf } from '@cairn/core';

export const closeShape = struct('CloseAccount', { beneficiary: account });
export type CloseAccount = ValueOf<typeof closeShape>;
