import { account, struct, type ValueOf } from '@cairn/core';
import { callShape } from '../../execution/calls.ts';

export const proxyCallShape = struct('ProxyCall', {
  /** For whom the call runs. */
  owner: account,
  call: callShape,
});
export type ProxyCall = ValueOf<typeof proxyCallShape>;
