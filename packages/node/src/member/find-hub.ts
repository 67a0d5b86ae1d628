import { addressToAccountId, hexToBytes } from '@cairn/core';
import { peerNameOf } from '@cairn/network';
import type { LedgerReader } from '@cairn/protocol';
import type { HubToPay } from '@cairn/sdk';
import { NodeError } from '../errors.ts';

interface ProviderView {
  readonly devices: readonly { readonly peerKey: string; readonly expirySlot: string }[];
}

/**
 * A hub by its account: the ledger names its machine.
 *
 * @throws NodeError `HUB_UNKNOWN` when the account names none
 */
export async function findHub(
  { ledger, chainId }: { readonly ledger: LedgerReader; readonly chainId: Uint8Array },
  address: string,
  feeBps: number,
): Promise<HubToPay> {
  const account = addressToAccountId(address);
  const [found, { slot }] = await Promise.all([
    ledger.query<ProviderView | null>('registry_provider', { account: address }),
    ledger.query<{ slot: string }>('governance_status', {}),
  ]);
  const device = found?.devices.find(({ expirySlot }) => BigInt(expirySlot) > BigInt(slot));
  if (device === undefined) {
    throw new NodeError(
      { code: 'HUB_UNKNOWN', hub: address },
      `The account ${address} names no machine on the ledger, so no hub of it can be reached. Start one with ./cairn node start --role hub, or name another.`,
    );
  }
  return { account, chainId, feeBps, peer: `${address}@${peerNameOf(hexToBytes(device.peerKey))}` };
}
