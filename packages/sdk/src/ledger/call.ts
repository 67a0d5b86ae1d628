import { CoreError, decode, encode } from '@cairn/core';
import { type Call, MODULES } from '@cairn/ledger';
import { requireMessage } from './message-index.ts';

const BY_ID = new Map(
  MODULES.flatMap((module) => module.messages.map((message) => [message.id, message] as const)),
);

/**
 * A message as a call: what a batch, a multisig, a delegate or the agenda runs.
 *
 * @throws SdkError `MESSAGE_UNKNOWN`; CoreError `VALUE_OUT_OF_RANGE`
 */
export function messageToCall(message: string, value: unknown): Call {
  const { id, shape } = requireMessage(message);
  return { messageId: id, message: encode(shape, value) };
}

export interface DescribedCall {
  readonly message: string;
  /** JSON form of the message; null when its bytes are not one. */
  readonly value: unknown;
}

/** Name and fields of a call, so that a person sees what it does; null when this version has no such message. */
export function describeCall({ messageId, message }: Call): DescribedCall | null {
  const definition = BY_ID.get(messageId);
  if (definition === undefined) return null;
  try {
    return { message: definition.name, value: definition.shape.toJson(decode(definition.shape, message)) };
  } catch (error) {
    if (error instanceof CoreError) return { message: definition.name, value: null };
    throw error;
  }
}
