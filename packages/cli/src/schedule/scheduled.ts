import { hexToBytes } from '@cairn/core';
import { type DescribedCall, describeCall } from '@cairn/sdk';
import { askNode } from '../answer/ask-node.ts';
import { asAmount, asHex, asList, asObject, asU16 } from '../answer/checks.ts';
import type { Connection } from '../connect.ts';

const asScheduled = asObject({
  scheduled: asHex,
  slot: asAmount,
  call: asObject({ messageId: asU16, message: asHex }),
  prepaid: asAmount,
  deposit: asAmount,
});

export interface ScheduledCall {
  /** Hex. */
  readonly scheduled: string;
  readonly slot: bigint;
  /** Null when this program does not know the message. */
  readonly call: DescribedCall | null;
  readonly prepaid: bigint;
  readonly deposit: bigint;
}

/** Calls of an account that wait for their slot, oldest first. */
export async function fetchScheduled(connection: Connection, owner: string): Promise<ScheduledCall[]> {
  const listed = await askNode(connection, 'accounts_scheduled', { owner }, asList(asScheduled));
  return listed.map(({ call: { messageId, message }, ...rest }) => ({
    ...rest,
    call: describeCall({ messageId, message: hexToBytes(message) }),
  }));
}
