import { bytesToHex, concatBytes, utf8ToBytes } from '@cairn/core';
import { sha256 } from '@noble/hashes/sha2.js';
import { dhkemSecret, expandBlock, KEM_X_WING, KEM_X25519 } from './hpke.ts';
import type { SealCrypto } from './seal-crypto.ts';
import { createXWingKey, X_WING_ENC_BYTES, X_WING_PUBLIC_BYTES, xWingEncapsulate } from './x-wing.ts';

/** How a request is sealed. The numbers are on the wire. */
export const SEAL_SUITES = { x25519: 1, 'x-wing': 2 } as const;
export type SealSuite = keyof typeof SEAL_SUITES;

/** What a provider's record on the ledger says. */
export interface SealingPublicKeys {
  /** 32 bytes. */
  readonly x25519: Uint8Array;
  /** 1,216 bytes; empty: the provider takes no post-quantum sealing. */
  readonly xWing: Uint8Array;
}

/** A provider's key pair, all of it from one seed of 32 bytes. */
export interface SealingKey {
  readonly public: SealingPublicKeys;
  /** Hex by suite. */
  readonly ids: Readonly<Record<SealSuite, string>>;
  /** Null when `enc` is of small order. */
  decapsulate(suite: SealSuite, enc: Uint8Array): Uint8Array | null;
}

export const KEY_ID_BYTES = 8;
export const ENC_BYTES: Readonly<Record<SealSuite, number>> = { x25519: 32, 'x-wing': X_WING_ENC_BYTES };
export const KEM_IDS: Readonly<Record<SealSuite, number>> = { x25519: KEM_X25519, 'x-wing': KEM_X_WING };
/** Bytes of randomness that sealing one request takes. */
export const SEAL_RANDOM_BYTES = 64;

export function sealingKeyId(suite: SealSuite, publicKey: Uint8Array): Uint8Array {
  const named = concatBytes(
    utf8ToBytes('cairn/sealing-key/v1'),
    Uint8Array.of(SEAL_SUITES[suite]),
    publicKey,
  );
  return sha256(named).slice(0, KEY_ID_BYTES);
}

export function createSealingKey(crypto: SealCrypto, seed: Uint8Array): SealingKey {
  const key = crypto.x25519(expandBlock(crypto, seed, utf8ToBytes('cairn/sealing/v1 x25519'), 32));
  const point = key.publicKey;
  const xWing = createXWingKey(crypto, expandBlock(crypto, seed, utf8ToBytes('cairn/sealing/v1 x-wing'), 32));
  return {
    public: { x25519: point, xWing: xWing.publicKey },
    ids: {
      x25519: bytesToHex(sealingKeyId('x25519', point)),
      'x-wing': bytesToHex(sealingKeyId('x-wing', xWing.publicKey)),
    },
    decapsulate(suite, enc) {
      if (suite === 'x-wing') return xWing.decapsulate(enc);
      const shared = key.agree(enc);
      return shared === null ? null : dhkemSecret(crypto, shared, enc, point);
    },
  };
}

/** The best suite that a record allows; null when its keys have no proper length. */
export function bestSuite({ x25519, xWing }: SealingPublicKeys): SealSuite | null {
  if (xWing.length === X_WING_PUBLIC_BYTES) return 'x-wing';
  return xWing.length === 0 && x25519.length === 32 ? 'x25519' : null;
}

/** A fresh shared secret for a provider. Null when its key is none that can be sealed to. */
export function encapsulate(
  crypto: SealCrypto,
  suite: SealSuite,
  keys: SealingPublicKeys,
  random: Uint8Array,
): { readonly enc: Uint8Array; readonly shared: Uint8Array } | null {
  if (suite === 'x-wing') return xWingEncapsulate(crypto, keys.xWing, random);
  const ours = crypto.freshX25519(random.slice(0, 32));
  const shared = ours.agree(keys.x25519);
  if (shared === null) return null;
  const enc = ours.publicKey;
  return { enc, shared: dhkemSecret(crypto, shared, enc, keys.x25519) };
}
