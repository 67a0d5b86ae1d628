import { addressToAccountId, hexToBytes, type Logger } from '@cairn/core';
import { peerNameOf } from '@cairn/network';
import type { LedgerReader } from '@cairn/protocol';
import type { HubToPay } from '@cairn/sdk';
import { NodeError } from '../errors.ts';
import { isAlias } from '../roles/model-aliases.ts';

interface ProviderView {
  readonly devices: readonly { readonly peerKey: string; readonly expirySlot: string }[];
}

export interface FindHubParts {
  readonly ledger: LedgerReader;
  readonly chainId: Uint8Array;
  readonly log: Logger;
}

/**
 * A hub by its account, by a name that its account registered, or by an alias: the ledger names its machine. Of an
 * alias for models of several owners, the first who has one.
 *
 * @throws NodeError `HUB_UNKNOWN` when nobody of that name has a machine; CoreError `ADDRESS_MALFORMED`
 */
export async function findHub(
  { ledger, chainId, log }: FindHubParts,
  named: string,
  feeBps: number,
): Promise<HubToPay> {
  const addresses = isAlias(named) ? await fetchOwners(ledger, named) : [named];
  const { slot } = await ledger.query<{ slot: string }>('governance_status', {});
  for (const address of addresses) {
    const account = addressToAccountId(address);
    const found = await ledger.query<ProviderView | null>('registry_provider', { account: address });
    const device = found?.devices.find(({ expirySlot }) => BigInt(expirySlot) > BigInt(slot));
    if (device === undefined) continue;
    if (address !== named) log.info('a hub was found by its name', { name: named, account: address });
    return { account, chainId, feeBps, peer: `${address}@${peerNameOf(hexToBytes(device.peerKey))}` };
  }
  const who =
    addresses.length === 0
      ? `No model is registered as ${named}, so it names no hub.`
      : `${addresses.join(', ')} names no machine on the ledger, so no hub of it can be reached.`;
  throw new NodeError(
    { code: 'HUB_UNKNOWN', hub: named },
    `${who} Start one with ./cairn node start --role hub, or name another.`,
  );
}

/** Who owns the models that a name stands for, the preferred one's owner first. */
async function fetchOwners(ledger: LedgerReader, alias: string): Promise<readonly string[]> {
  const ids = await ledger.query<readonly string[]>('registry_resolve', { alias });
  const cards = await Promise.all(
    ids.map((model) => ledger.query<{ readonly owner: string } | null>('registry_model', { model })),
  );
  return [...new Set(cards.flatMap((card) => (card === null ? [] : [card.owner])))];
}
