import {
  type AccountId,
  accountIdToAddress,
  areBytesEqual,
  bytesToHex,
  type Clock,
  hexToBytes,
} from '@cairn/core';
import type { LedgerReader, SealingPublicKeys } from '@cairn/protocol';
import { type AccountClient, requireMessage } from '@cairn/sdk';

/** A provider's record, as the ledger tells it. */
interface ProviderView {
  readonly sealing: { readonly x25519: string; readonly xWing: string };
  readonly devices: readonly unknown[];
  readonly region: string;
}

async function readProvider(ledger: LedgerReader, account: AccountId): Promise<ProviderView | null> {
  return ledger.query<ProviderView | null>('registry_provider', { account: accountIdToAddress(account) });
}

function keysOf({ sealing }: ProviderView): SealingPublicKeys {
  return { x25519: hexToBytes(sealing.x25519), xWing: hexToBytes(sealing.xWing) };
}

/** Most providers whose keys are remembered. */
const MOST_REMEMBERED = 10_000;

/**
 * Reads sealing keys from the ledger, one provider at most once per `freshMs`. Everybody reads the same record, so
 * nobody can be given a key of their own by which they are told apart.
 */
export function createLedgerKeys(
  { ledger, clock }: { readonly ledger: LedgerReader; readonly clock: Clock },
  freshMs = 5_000,
): (provider: AccountId) => Promise<SealingPublicKeys | null> {
  const remembered = new Map<string, { keys: Promise<SealingPublicKeys | null>; atMs: number }>();
  return (provider) => {
    const address = accountIdToAddress(provider);
    const last = remembered.get(address);
    if (last !== undefined && clock.nowMs() - last.atMs < freshMs) return last.keys;
    const keys = readProvider(ledger, provider).then((found) => (found === null ? null : keysOf(found)));
    remembered.delete(address);
    remembered.set(address, { keys, atMs: clock.nowMs() });
    if (remembered.size > MOST_REMEMBERED) remembered.delete(remembered.keys().next().value as string);
    // A failure is told to who asked, and not remembered.
    keys.catch(() => remembered.delete(address));
    return keys;
  };
}

/** Puts a provider's sealing key on the ledger unless it is there already; its machines and region stay. */
export async function ensureSealingKey(
  ledger: LedgerReader,
  client: AccountClient,
  wanted: SealingPublicKeys,
): Promise<void> {
  const found = await readProvider(ledger, client.account);
  const known = found === null ? null : keysOf(found);
  if (
    known !== null &&
    areBytesEqual(known.x25519, wanted.x25519) &&
    areBytesEqual(known.xWing, wanted.xWing)
  )
    return;
  const message = 'registry.setProvider';
  const sealing = { x25519: bytesToHex(wanted.x25519), xWing: bytesToHex(wanted.xWing) };
  const terms = { sealing, devices: found?.devices ?? [], region: found?.region ?? '' };
  await client.send(message, requireMessage(message).shape.fromJson({ terms }));
}
