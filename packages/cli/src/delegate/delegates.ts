import { askNode } from '../answer/ask-node.ts';
import {
  asAddress,
  asAmount,
  asCount,
  asHex,
  asList,
  asObject,
  asText,
  type Checked,
} from '../answer/checks.ts';
import type { Connection } from '../connect.ts';

const asDelegate = asObject({
  delegate: asAddress,
  purpose: asText,
  delaySlots: asCount,
  deposit: asAmount,
  announced: asList(asObject({ callHash: asHex, slot: asAmount, deposit: asAmount })),
});
export type Delegate = Checked<typeof asDelegate>;

/** Who may act for an account, and what they announced. */
export const fetchDelegates = (connection: Connection, owner: string): Promise<Delegate[]> =>
  askNode(connection, 'accounts_proxies', { owner }, asList(asDelegate));
