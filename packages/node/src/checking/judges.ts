import { type AccountId, accountIdToAddress, addressToAccountId, hexToBytes } from '@cairn/core';
import { peerNameOf } from '@cairn/network';
import type { LedgerReader, PeerName } from '@cairn/protocol';

type Asked = Pick<LedgerReader, 'query'>;

interface RosterRow {
  readonly account: string;
  readonly power: string;
}

/** Accounts with voting power, which alone open and join cases. */
export async function fetchJudges(ledger: Asked): Promise<AccountId[]> {
  const { validators } = await ledger.query<{ readonly validators: readonly RosterRow[] }>(
    'validators_list',
    {},
  );
  const voting = validators.filter(({ power }) => BigInt(power) > 0n);
  return [...new Set(voting.map(({ account }) => account))].map(addressToAccountId);
}

interface ProviderRow {
  readonly devices: readonly { readonly peerKey: string }[];
}

/**
 * The peers under which an account may be reached: its machines on the ledger, then the nodes that this one joined,
 * then this node itself.
 *
 * @param nodes names of the nodes that were joined.
 */
export async function fetchPeersOf(
  ledger: Asked,
  nodes: readonly PeerName[],
  account: AccountId | string,
): Promise<PeerName[]> {
  const address = typeof account === 'string' ? account : accountIdToAddress(account);
  const found = await ledger.query<ProviderRow | null>('registry_provider', { account: address });
  const machines = (found?.devices ?? []).flatMap(({ peerKey }) => nameOf(peerKey) ?? []);
  return [...new Set([...machines, ...nodes])].map((node) => `${address}@${node}`).concat(address);
}

/** Null for bytes that are no key: the ledger does not look into them. */
function nameOf(peerKey: string): PeerName | null {
  try {
    return peerNameOf(hexToBytes(peerKey));
  } catch {
    return null;
  }
}
