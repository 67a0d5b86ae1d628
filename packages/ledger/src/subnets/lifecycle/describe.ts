import { account, type JsonSchema, u16, u64 } from '@cairn/core';
import type { StateView } from '../../state/view.ts';
import { challenges, type Notice } from './state.ts';

const noticeProperties = {
  netuid: u16.schema,
  endSlot: { ...u64.schema, description: 'First slot at which it ends.' },
  challenge: {
    anyOf: [
      {
        type: 'object',
        properties: {
          challenger: account.schema,
          name: { type: 'string' },
          amount: { ...u64.schema, description: 'Pebbles that the challenger locks and a match costs.' },
        },
      },
      { type: 'null' },
    ],
    description: 'Who wants its place; null: its owner ends it.',
  },
} as const;

/** Schema of what `describeNotice` returns. */
export const noticeSchema: JsonSchema = {
  anyOf: [{ type: 'object', properties: noticeProperties }, { type: 'null' }],
  description: 'The announced end of the subnet; null: none.',
};

/** A notice with its challenge; JSON-safe, null when there is none. */
export function describeNotice(view: StateView, notice: Notice | undefined): object | null {
  if (notice === undefined) return null;
  const { netuid, endSlot } = notice;
  const challenge = challenges.get(view, netuid);
  return {
    netuid,
    endSlot: endSlot.toString(),
    challenge:
      challenge === undefined
        ? null
        : {
            challenger: account.toJson(challenge.challenger),
            name: challenge.name,
            amount: challenge.amount.toString(),
          },
  };
}
