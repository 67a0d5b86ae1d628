import { MODULES } from '@cairn/ledger';
import { ProvingError } from '../errors.ts';

const IDS = new Map(MODULES.flatMap(({ messages }) => messages.map(({ name, id }) => [name, id] as const)));

/** The number of a message on the wire. @throws ProvingError `MESSAGE_UNKNOWN` */
export function messageIdOf(name: string): number {
  const id = IDS.get(name);
  if (id !== undefined) return id;
  throw new ProvingError({ code: 'MESSAGE_UNKNOWN', name }, `The ledger has no message ${name}.`);
}
