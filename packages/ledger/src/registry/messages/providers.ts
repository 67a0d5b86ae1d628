import { account, struct, type ValueOf } from '@cairn/core';
import { providerTermsShape } from '../provider.ts';

export const setProviderShape = struct('SetProvider', { terms: providerTermsShape });
export type SetProvider = ValueOf<typeof setProviderShape>;

export const removeProviderShape = struct('RemoveProvider', { provider: account });
export type RemoveProvider = ValueOf<typeof removeProviderShape>;
