import { PARAMETER_NAMES, type Parameters } from '@cairn/ledger';
import type { LedgerReader } from '@cairn/protocol';

/** The network parameters in force. */
export async function fetchParameters(ledger: LedgerReader): Promise<Parameters> {
  const listed = await ledger.query<readonly { name: string; value: string }[]>('parameters_list', {});
  const values = new Map(listed.map(({ name, value }) => [name, BigInt(value)]));
  return Object.fromEntries(PARAMETER_NAMES.map((name) => [name, values.get(name) ?? 0n])) as Parameters;
}
