import { concatBytes } from '@cairn/core';
import type { TransportCertificate } from '@libp2p/webrtc';
import { p256 } from '@noble/curves/nist.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { base64url } from 'multiformats/bases/base64';
import { create as createDigest } from 'multiformats/hashes/digest';

const SHA2_256 = 0x12;
const INFO = new TextEncoder().encode('cairn/webrtc/certificate/1');

/**
 * The certificate that WebRTC shows, made from the seed of the peer's key, so that its hash, which is a part of the
 * addresses that browsers dial, survives restarts. It proves nothing by itself: the handshake within proves the key.
 */
export function certificateOf(identity: Uint8Array): TransportCertificate {
  // Eight bytes more than the order has, so that reducing leaves no bias to speak of.
  const secret = p256.utils.randomSecretKey(hkdf(sha256, identity, undefined, INFO, 48));
  const point = p256.getPublicKey(secret, false);
  const name = sequence(set(sequence(COMMON_NAME, utf8('cairn'))));
  const body = sequence(
    explicit(0, integer(Uint8Array.of(2))),
    integer(sha256(point).subarray(0, 16)),
    ECDSA_WITH_SHA256,
    name,
    sequence(utcTime('200101000000Z'), utcTime('491231235959Z')),
    name,
    sequence(P256_KEY, bits(point)),
  );
  const signature = p256.sign(body, secret, { prehash: true, format: 'der' });
  const certificate = sequence(body, ECDSA_WITH_SHA256, bits(signature));
  const key = sequence(
    integer(Uint8Array.of(0)),
    P256_KEY,
    octets(sequence(integer(Uint8Array.of(1)), octets(secret), explicit(1, bits(point)))),
  );
  return {
    privateKey: pem('PRIVATE KEY', key),
    pem: pem('CERTIFICATE', certificate),
    certhash: base64url.encode(createDigest(SHA2_256, sha256(certificate)).bytes),
  };
}

/** DER: a tag, a length, the content. Nothing here reaches 64 KiB. */
function der(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const bytes = concatBytes(...content);
  const { length } = bytes;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >>> 8, length & 255];
  return concatBytes(Uint8Array.of(tag, ...size), bytes);
}

const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts);
const set = (...parts: readonly Uint8Array[]) => der(0x31, ...parts);
const explicit = (number: number, part: Uint8Array) => der(0xa0 | number, part);
const octets = (bytes: Uint8Array) => der(0x04, bytes);
const bits = (bytes: Uint8Array) => der(0x03, Uint8Array.of(0), bytes);
const utf8 = (text: string) => der(0x0c, new TextEncoder().encode(text));
const utcTime = (text: string) => der(0x17, new TextEncoder().encode(text));

/** An unsigned number: without leading zeros, and with one where it would read as negative. */
function integer(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = first < 0 ? Uint8Array.of(0) : bytes.subarray(first);
  return der(0x02, ...((digits[0] ?? 0) > 127 ? [Uint8Array.of(0)] : []), digits);
}

const identifier = (...bytes: readonly number[]) => der(0x06, Uint8Array.from(bytes));
/** 2.5.4.3 */
const COMMON_NAME = identifier(0x55, 4, 3);
/** 1.2.840.10045.4.3.2 */
const ECDSA_WITH_SHA256 = sequence(identifier(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2));
/** 1.2.840.10045.2.1 with 1.2.840.10045.3.1.7 */
const P256_KEY = sequence(
  identifier(0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1),
  identifier(0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7),
);

function pem(label: string, bytes: Uint8Array): string {
  const lines = btoa(String.fromCharCode(...bytes)).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
