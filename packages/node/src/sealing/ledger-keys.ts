import {
  type AccountId,
  accountIdToAddress,
  areBytesEqual,
  bytesToHex,
  type Clock,
  hexToBytes,
} from '@cairn/core';
import type { LedgerReader, SealingPublicKeys } from '@cairn/protocol';
import { type AccountClient, providerFromState, providerStateKey, requireMessage } from '@cairn/sdk';
import type { ProvedReader } from '../light/proved-reader.ts';

/** A provider's record, as the ledger tells it. */
interface ProviderView {
  readonly sealing: { readonly x25519: string; readonly xWing: string };
  readonly devices: readonly DeviceView[];
  readonly region: string;
}

async function readProvider(ledger: LedgerReader, account: AccountId): Promise<ProviderView | null> {
  return ledger.query<ProviderView | null>('registry_provider', { account: accountIdToAddress(account) });
}

function keysOf({ sealing }: ProviderView): SealingPublicKeys {
  return { x25519: hexToBytes(sealing.x25519), xWing: hexToBytes(sealing.xWing) };
}

async function readKeys(ledger: LedgerReader, provider: AccountId): Promise<SealingPublicKeys | null> {
  const found = await readProvider(ledger, provider);
  return found === null ? null : keysOf(found);
}

async function readProvedKeys(proved: ProvedReader, provider: AccountId): Promise<SealingPublicKeys | null> {
  const value = await proved.read(providerStateKey(provider));
  return value === null ? null : providerFromState(value).sealing;
}

/** Most providers whose keys are remembered. */
const MOST_REMEMBERED = 10_000;

export interface LedgerKeysParts {
  readonly ledger: LedgerReader;
  readonly clock: Clock;
  /** On a node that joined by others. @default the ledger is this node's own */
  readonly proved?: ProvedReader;
}

/**
 * Reads sealing keys from the ledger, one provider at most once per `freshMs`. Everybody who keeps the ledger reads the
 * same record, so nobody can be given a key of their own by which they are told apart.
 */
export function createLedgerKeys(
  { ledger, clock, proved }: LedgerKeysParts,
  freshMs = 5_000,
): (provider: AccountId) => Promise<SealingPublicKeys | null> {
  const remembered = new Map<string, { keys: Promise<SealingPublicKeys | null>; atMs: number }>();
  return (provider) => {
    const address = accountIdToAddress(provider);
    const last = remembered.get(address);
    if (last !== undefined && clock.nowMs() - last.atMs < freshMs) return last.keys;
    const keys = proved === undefined ? readKeys(ledger, provider) : readProvedKeys(proved, provider);
    remembered.delete(address);
    remembered.set(address, { keys, atMs: clock.nowMs() });
    if (remembered.size > MOST_REMEMBERED) remembered.delete(remembered.keys().next().value as string);
    // A failure is told to who asked, and not remembered.
    keys.catch(() => remembered.delete(address));
    return keys;
  };
}

/** This machine, as one of a provider's. */
export interface OwnDevice {
  /** Ed25519 key of its identity among peers. */
  readonly peerKey: Uint8Array;
  /** Multiaddrs. */
  readonly addresses: readonly string[];
}

/** Slots for which a machine is named; it is named again when half of them are over. */
const DEVICE_SLOTS = 100_000n;
/** Most machines of a provider, and most addresses of one. */
const MAX_DEVICES = 16;
const MAX_ADDRESSES = 8;
const MAX_ADDRESS_BYTES = 200;

const addressesOf = ({ addresses }: OwnDevice): string[] =>
  addresses.filter(({ length }) => length <= MAX_ADDRESS_BYTES).slice(0, MAX_ADDRESSES);

interface DeviceView {
  readonly peerKey: string;
  readonly addresses: readonly string[];
  readonly expirySlot: string;
}

/**
 * Puts a provider's sealing key and this machine on the ledger unless they are there already. Its other machines and
 * its region stay; machines whose time is over are left out.
 */
export async function ensureProvider(
  ledger: LedgerReader,
  client: AccountClient,
  wanted: SealingPublicKeys,
  own: OwnDevice | null = null,
): Promise<void> {
  const found = await readProvider(ledger, client.account);
  const { slot } = await ledger.query<{ slot: string }>('governance_status', {});
  const devices = (found?.devices ?? []).filter(({ expirySlot }) => BigInt(expirySlot) > BigInt(slot));
  const ownKey = own === null ? null : bytesToHex(own.peerKey);
  const others = devices.filter(({ peerKey }) => peerKey !== ownKey);
  const named = devices.find(({ peerKey }) => peerKey === ownKey);
  if (found !== null && isSealedTo(found, wanted) && isNamed(named, own, BigInt(slot))) return;
  const sealing = { x25519: bytesToHex(wanted.x25519), xWing: bytesToHex(wanted.xWing) };
  const expirySlot = (BigInt(slot) + DEVICE_SLOTS).toString();
  const mine = own === null ? [] : [{ peerKey: ownKey!, addresses: addressesOf(own), expirySlot }];
  const terms = {
    sealing,
    devices: [...mine, ...others].slice(0, MAX_DEVICES),
    region: found?.region ?? '',
  };
  const message = 'registry.setProvider';
  await client.send(message, requireMessage(message).shape.fromJson({ terms }));
}

function isSealedTo(found: ProviderView, wanted: SealingPublicKeys): boolean {
  const known = keysOf(found);
  return areBytesEqual(known.x25519, wanted.x25519) && areBytesEqual(known.xWing, wanted.xWing);
}

function isNamed(named: DeviceView | undefined, own: OwnDevice | null, slot: bigint): boolean {
  if (own === null) return true;
  return (
    named !== undefined &&
    named.addresses.join(' ') === addressesOf(own).join(' ') &&
    BigInt(named.expirySlot) > slot + DEVICE_SLOTS / 2n
  );
}
