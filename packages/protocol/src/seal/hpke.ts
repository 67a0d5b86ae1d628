import { concatBytes, utf8ToBytes } from '@cairn/core';
import type { SealCrypto } from './seal-crypto.ts';

/** HPKE ids (RFC 9180, 7.1 to 7.3, and IANA for X-Wing). */
export const KEM_X25519 = 0x0020;
export const KEM_X_WING = 0x647a;
const KDF_HKDF_SHA256 = 0x0001;
const AEAD_CHACHA20_POLY1305 = 0x0003;
const MODE_BASE = 0;

const EMPTY = new Uint8Array(0);
const VERSION = utf8ToBytes('HPKE-v1');
const KEM_SUITE = concatBytes(utf8ToBytes('KEM'), two(KEM_X25519));

/** What a sender and the receiver share: one message in the sender's direction, and keys for other uses. */
export interface HpkeContext {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  /** A secret of 32 bytes for one use, which its label names. */
  exportSecret(label: Uint8Array): Uint8Array;
}

function two(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff);
}

/** One block of HKDF-Expand (RFC 5869), which is all that 32 bytes need. */
export function expandBlock(
  crypto: SealCrypto,
  secret: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array {
  return crypto.hmacSha256(secret, concatBytes(info, Uint8Array.of(1))).slice(0, length);
}

function labeled(crypto: SealCrypto, suite: Uint8Array) {
  return {
    extract: (salt: Uint8Array, label: string, secret: Uint8Array) =>
      crypto.hmacSha256(salt, concatBytes(VERSION, suite, utf8ToBytes(label), secret)),
    expand: (secret: Uint8Array, label: string, info: Uint8Array, length: number) =>
      expandBlock(crypto, secret, concatBytes(two(length), VERSION, suite, utf8ToBytes(label), info), length),
  };
}

/** The shared secret of DHKEM(X25519, HKDF-SHA256) from a Diffie-Hellman result (RFC 9180, 4.1). */
export function dhkemSecret(
  crypto: SealCrypto,
  shared: Uint8Array,
  enc: Uint8Array,
  publicKey: Uint8Array,
): Uint8Array {
  const { extract, expand } = labeled(crypto, KEM_SUITE);
  return expand(extract(EMPTY, 'eae_prk', shared), 'shared_secret', concatBytes(enc, publicKey), 32);
}

/** The key schedule of base mode with HKDF-SHA256 and ChaCha20-Poly1305 (RFC 9180, 5.1). */
export function hpkeContext(
  crypto: SealCrypto,
  kem: number,
  shared: Uint8Array,
  info: Uint8Array,
): HpkeContext {
  const suite = concatBytes(utf8ToBytes('HPKE'), two(kem), two(KDF_HKDF_SHA256), two(AEAD_CHACHA20_POLY1305));
  const { extract, expand } = labeled(crypto, suite);
  const context = concatBytes(
    Uint8Array.of(MODE_BASE),
    extract(EMPTY, 'psk_id_hash', EMPTY),
    extract(EMPTY, 'info_hash', info),
  );
  const secret = extract(shared, 'secret', EMPTY);
  const exporter = expand(secret, 'exp', context, 32);
  return {
    key: expand(secret, 'key', context, 32),
    nonce: expand(secret, 'base_nonce', context, 12),
    exportSecret: (label) => expand(exporter, 'sec', label, 32),
  };
}
