import { hexToBytes } from '@cairn/core';
import { fetchSlot } from '../answer/slot.ts';
import type { Connection } from '../connect.ts';
import { usage } from '../errors.ts';

/** Slots, blocks, units: a whole number. @throws CliError `USAGE` */
function parseWhole(text: string, what: string): bigint {
  if (/^\d{1,18}$/.test(text)) return BigInt(text);
  throw usage(`${what} is a whole number, not ${text.slice(0, 40)}.`);
}

/** As `parseWhole`, at most `max`. @throws CliError `USAGE` */
export function parseCount(text: string, what: string, max: number): number {
  const count = parseWhole(text, what);
  if (count <= BigInt(max)) return Number(count);
  throw usage(`${what} is at most ${max}, not ${text}.`);
}

/** An id of 32 bytes. @throws CliError `USAGE` */
export function parseId(text: string, what: string): Uint8Array {
  if (/^[0-9a-f]{64}$/.test(text)) return hexToBytes(text);
  throw usage(`${what} is named by 64 hexadecimal digits, not ${text.slice(0, 80)}.`);
}

/** Parts of a list as typed, with commas between. */
export function splitList(text: string | undefined): string[] {
  return text === undefined ? [] : text.split(',').filter((part) => part !== '');
}

/** A slot as `--slot` or `--in` name it. @throws CliError `USAGE` */
export async function resolveSlot(
  connection: Connection,
  { slot, in: ahead }: { readonly slot?: string | undefined; readonly in?: string | undefined },
): Promise<bigint> {
  if ((slot === undefined) === (ahead === undefined)) throw usage('Name --slot or --in, one of the two.');
  if (slot !== undefined) return parseWhole(slot, 'A slot');
  return (await fetchSlot(connection)) + parseWhole(ahead!, 'A number of slots');
}
