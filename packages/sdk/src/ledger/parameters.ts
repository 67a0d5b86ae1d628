import { PARAMETER_NAMES, type Parameters } from '@cairn/ledger';
import type { LedgerReader } from '@cairn/protocol';
import { SdkError } from '../errors.ts';

/** The network parameters in force. @throws SdkError `RPC_MALFORMED` */
export async function fetchParameters(ledger: LedgerReader): Promise<Parameters> {
  const listed = await ledger.query<unknown>('parameters_list', {});
  const values = new Map(Array.isArray(listed) ? listed.map(readParameter) : []);
  if (values.size === 0) throw malformed();
  return Object.fromEntries(PARAMETER_NAMES.map((name) => [name, values.get(name) ?? 0n])) as Parameters;
}

function readParameter(entry: unknown): [string, bigint] {
  const { name, value } = (entry ?? {}) as { name?: unknown; value?: unknown };
  if (typeof name !== 'string' || typeof value !== 'string' || !/^\d{1,20}$/.test(value)) throw malformed();
  return [name, BigInt(value)];
}

function malformed(): SdkError {
  return new SdkError({ code: 'RPC_MALFORMED' }, 'The node answered parameters_list with something else.');
}
