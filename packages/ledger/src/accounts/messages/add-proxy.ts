import { account, struct, u32, type ValueOf } from '@cairn/core';
import { purposeShape } from '../purposes.ts';

export const addProxyShape = struct('AddProxy', {
  delegate: account,
  /** What the delegate may do, see the table of purposes. */
  purpose: purposeShape,
  /** Slots between announcing a call and running it; 0: calls run at once. */
  delaySlots: u32,
});
export type AddProxy = ValueOf<typeof addProxyShape>;
