import { type MessageDefinition, MODULES } from '@cairn/ledger';

// A list of different messages has no narrower common type; `encodeMessage` checks the value against its shape.
// biome-ignore lint/suspicious/noExplicitAny: see above
const BY_NAME = new Map<string, MessageDefinition<any>>(
  MODULES.flatMap((module) => module.messages.map((message) => [message.name, message])),
);

/** Definition of a message such as `accounts.transfer`; undefined when this version knows none. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export function findMessage(name: string): MessageDefinition<any> | undefined {
  return BY_NAME.get(name);
}
