import type { Connection } from '../connect.ts';
import { askNode } from './ask-node.ts';
import { asAmount, asObject } from './checks.ts';

/** The slot of the latest block. */
export async function fetchSlot(connection: Connection): Promise<bigint> {
  const asStatus = asObject({ slot: asAmount });
  return (await askNode(connection, 'governance_status', {}, asStatus)).slot;
}
