import { type MessageDefinition, MODULES } from '@cairn/ledger';
import { SdkError } from '../errors.ts';

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

/** Names of all messages, in the order of their modules. */
export const MESSAGE_NAMES: readonly string[] = [...BY_NAME.keys()];

/** As `findMessage`. @throws SdkError `MESSAGE_UNKNOWN` */
// biome-ignore lint/suspicious/noExplicitAny: see above
export function requireMessage(name: string): MessageDefinition<any> {
  const definition = findMessage(name);
  if (definition !== undefined) return definition;
  throw new SdkError(
    { code: 'MESSAGE_UNKNOWN', message: name },
    `There is no message ${name}. Upgrade, or check the name.`,
  );
}
