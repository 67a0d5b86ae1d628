import { account, struct, type ValueOf } from '@cairn/core';

export const removeProxyShape = struct('RemoveProxy', { delegate: account });
export type RemoveProxy = ValueOf<typeof removeProxyShape>;
