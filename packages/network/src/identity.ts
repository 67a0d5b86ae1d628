import { isEd25519KeyAllowed } from '@cairn/core';
import type { PeerName } from '@cairn/protocol';
import { generateKeyPairFromSeed, publicKeyFromRaw } from '@libp2p/crypto/keys';
import type { Ed25519PrivateKey } from '@libp2p/interface';
import { peerIdFromPublicKey, peerIdFromString } from '@libp2p/peer-id';
import { NetworkError } from './errors.ts';

/** Length of a seed and of a public key, in bytes. */
const KEY_BYTES = 32;

/**
 * The name of the peer that owns an Ed25519 key, as records of the ledger carry the key.
 *
 * @param publicKey 32 bytes.
 * @throws NetworkError `IDENTITY_MALFORMED`
 */
export function peerNameOf(publicKey: Uint8Array): PeerName {
  if (publicKey.length !== KEY_BYTES || !isEd25519KeyAllowed(publicKey)) {
    throw new NetworkError(
      { code: 'IDENTITY_MALFORMED', reason: 'not an Ed25519 public key' },
      `${publicKey.length} bytes were given that are no usable Ed25519 public key of ${KEY_BYTES} bytes.`,
    );
  }
  return peerIdFromPublicKey(publicKeyFromRaw(publicKey)).toString();
}

/** The 32-byte Ed25519 public key in a peer's name; null when the name holds none. */
export function peerKeyOf(peer: PeerName): Uint8Array | null {
  try {
    const id = peerIdFromString(peer);
    if (id.type !== 'Ed25519' || id.toString() !== peer) return null;
    const key = id.publicKey.raw.slice();
    return isEd25519KeyAllowed(key) ? key : null;
  } catch {
    return null;
  }
}

/** @throws NetworkError `IDENTITY_MALFORMED` */
export async function identityFromSeed(seed: Uint8Array): Promise<Ed25519PrivateKey> {
  if (seed.length !== KEY_BYTES) {
    throw new NetworkError(
      { code: 'IDENTITY_MALFORMED', reason: 'wrong length' },
      `The seed of a peer's key has ${seed.length} bytes; it needs ${KEY_BYTES}.`,
    );
  }
  return generateKeyPairFromSeed('Ed25519', seed.slice());
}
