import {
  account,
  bytes,
  bytes32,
  bytesToHex,
  list,
  struct,
  text,
  u64,
  type ValueOf,
  withDefault,
} from '@cairn/core';

/** Bytes of an X-Wing public key: ML-KEM-768 and X25519 together. */
export const X_WING_KEY_BYTES = 1_216;

/** Most machines of one provider. */
export const MAX_DEVICES = 16;

/** Part of the world: an ISO 3166 country such as `de`, or an area such as `eu-west`; empty: not said. */
export const regionShape = text(16);

/** Keys to which requests to a provider are sealed. */
export const sealingShape = struct('Sealing', {
  x25519: bytes32,
  /** Key that also withstands quantum computers; empty: none. */
  xWing: withDefault(bytes(X_WING_KEY_BYTES), new Uint8Array()),
});
export type Sealing = ValueOf<typeof sealingShape>;

/** A machine that serves for a provider. */
export const deviceShape = struct('Device', {
  /** Ed25519 public key of its identity on the peer-to-peer network. */
  peerKey: bytes32,
  /** Where it is reached, as multiaddrs; empty: it is looked up by its key. */
  addresses: list(text(200), 8),
  /** Slot from which it serves for the provider no more. */
  expirySlot: u64,
});
export type Device = ValueOf<typeof deviceShape>;

const fields = {
  sealing: sealingShape,
  devices: list(deviceShape, MAX_DEVICES),
  region: withDefault(regionShape, ''),
};
export const providerTermsShape = struct('ProviderTerms', fields);
export type ProviderTerms = ValueOf<typeof providerTermsShape>;

/**
 * What a provider says of itself. The list of devices is a delegation: several machines share one wallet, each may
 * answer in its name until it expires, with a key of its own and without the wallet's. A peer that is not listed
 * is paid nothing, whatever discovery says of it.
 */
export const providerShape = struct('Provider', { account, ...fields, recordDeposit: u64 });
export type Provider = ValueOf<typeof providerShape>;

const REGION = /^[a-z0-9][a-z0-9-]*$/;

export function isRegion(region: string): boolean {
  return REGION.test(region);
}

/** Whether none of its machines serves any more, so that anyone may clear it away. */
export function isProviderDead({ devices }: Provider, slot: bigint): boolean {
  return devices.length > 0 && devices.every(({ expirySlot }) => expirySlot <= slot);
}

/** Sentence for what is wrong with terms that decode; null when they are fine. */
export function findProviderFault({ sealing, devices, region }: ProviderTerms): string | null {
  if (sealing.x25519.every((byte) => byte === 0)) return 'The X25519 key is all zeros.';
  if (sealing.xWing.length !== 0 && sealing.xWing.length !== X_WING_KEY_BYTES)
    return `An X-Wing key has ${X_WING_KEY_BYTES} bytes, this one has ${sealing.xWing.length}. Leave it empty for none.`;
  if (new Set(devices.map(({ peerKey }) => bytesToHex(peerKey))).size < devices.length)
    return 'Two devices have the same key.';
  if (devices.some(({ peerKey }) => peerKey.every((byte) => byte === 0)))
    return 'The key of a device is all zeros.';
  if (devices.some(({ addresses }) => addresses.includes(''))) return 'An address of a device is empty.';
  if (region !== '' && !isRegion(region))
    return `Region ${region} is not lower-case letters, digits and dashes, such as eu-west.`;
  return null;
}
