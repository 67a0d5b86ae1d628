import { areBytesEqual, concatBytes, isEd25519KeyAllowed } from '@cairn/core';
import type { PeerName } from '@cairn/protocol';
import { base58btc } from 'multiformats/bases/base58';
import { NetworkError } from './errors.ts';

/** Length of a seed and of a public key, in bytes. */
const KEY_BYTES = 32;

/**
 * What stands before the key in a libp2p peer id: a multihash "identity" of 36 bytes, which are a protocol buffer with
 * key type 1 (Ed25519) and 32 bytes of key.
 *
 * @see https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md
 */
const PREFIX = Uint8Array.of(0x00, 0x24, 0x08, 0x01, 0x12, 0x20);

/** Longest name that can hold such a key, in characters. */
const MAX_NAME_LENGTH = 52;

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
  return base58btc.baseEncode(concatBytes(PREFIX, publicKey));
}

/** The 32-byte Ed25519 public key in a peer's name; null when the name holds none. */
export function peerKeyOf(peer: PeerName): Uint8Array | null {
  if (peer.length > MAX_NAME_LENGTH) return null;
  let bytes: Uint8Array;
  try {
    bytes = base58btc.baseDecode(peer);
  } catch {
    return null;
  }
  if (bytes.length !== PREFIX.length + KEY_BYTES) return null;
  if (!areBytesEqual(bytes.slice(0, PREFIX.length), PREFIX)) return null;
  const key = bytes.slice(PREFIX.length);
  return isEd25519KeyAllowed(key) ? key : null;
}

/** @throws NetworkError `IDENTITY_MALFORMED` */
export function assertSeed(seed: Uint8Array): void {
  if (seed.length === KEY_BYTES) return;
  throw new NetworkError(
    { code: 'IDENTITY_MALFORMED', reason: 'wrong length' },
    `The seed of a peer's key has ${seed.length} bytes; it needs ${KEY_BYTES}.`,
  );
}
