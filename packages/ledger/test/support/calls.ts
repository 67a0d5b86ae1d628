import { encode } from '@cairn/core';
import { type Call, MODULES } from '../../src/index.ts';

/** A message by name as a call inside another. */
export function aCall(name: string, message: unknown): Call {
  const definition = MODULES.flatMap((module) => module.messages).find((known) => known.name === name)!;
  return { messageId: definition.id, message: encode(definition.shape, message) };
}
