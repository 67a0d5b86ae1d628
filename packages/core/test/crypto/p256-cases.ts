import { p256 } from '@noble/curves/nist.js';
import { bytesToHex, concatBytes, hexToBytes, lowerP256Signature, utf8ToBytes } from '../../src/index.ts';
import type { SignatureCase } from './adversarial.ts';

const ORDER = p256.Point.Fn.ORDER;
const PRIME = p256.Point.Fp.ORDER;

function bigEndian(value: bigint): Uint8Array {
  return hexToBytes(value.toString(16).padStart(64, '0'));
}

/** Key and signature of "sample" with SHA-256 in RFC 6979, A.2.5; its s is above n / 2. */
const RFC6979 = {
  publicKey: hexToBytes('0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6'),
  y: hexToBytes('7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299'),
  message: utf8ToBytes('sample'),
  signature: hexToBytes(
    'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716' +
      'f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
  ),
};

/** Signatures and keys that libraries are known to disagree about, in the manner of Project Wycheproof. */
export function makeP256Cases(): SignatureCase[] {
  const { publicKey, message } = RFC6979;
  const low = lowerP256Signature(RFC6979.signature);
  const r = low.subarray(0, 32);
  const s = low.subarray(32);
  const x = publicKey.subarray(1);
  const withSignature = (what: string, signature: Uint8Array, valid = false): SignatureCase => ({
    what,
    publicKey,
    message,
    signature,
    valid,
  });
  const withKey = (what: string, key: Uint8Array): SignatureCase => ({
    what,
    publicKey: key,
    message,
    signature: low,
    valid: false,
  });
  const halfUp = (ORDER >> 1n) + 1n;
  const numbers: [string, bigint][] = [
    ['0', 0n],
    ['n', ORDER],
    ['n + 1', ORDER + 1n],
    ['p', PRIME],
    ['2^256 - 1', 2n ** 256n - 1n],
  ];
  return [
    withSignature('low s', low, true),
    withSignature('high s', RFC6979.signature),
    ...numbers.map(([name, value]) => withSignature(`r = ${name}`, concatBytes(bigEndian(value), s))),
    ...numbers.map(([name, value]) => withSignature(`s = ${name}`, concatBytes(r, bigEndian(value)))),
    withSignature('r = s = 0', new Uint8Array(64)),
    withSignature('r = 0, s = n', concatBytes(new Uint8Array(32), bigEndian(ORDER))),
    withSignature('smallest high s', concatBytes(r, bigEndian(halfUp))),
    withSignature('r = 1, s = 1', concatBytes(bigEndian(1n), bigEndian(1n))),
    withSignature('n - r', concatBytes(bigEndian(ORDER - BigInt(`0x${bytesToHex(r)}`)), s)),
    withSignature('s ‖ r', concatBytes(s, r)),
    withSignature('empty', new Uint8Array()),
    withSignature('truncated', low.subarray(0, 63)),
    withSignature('one byte more', concatBytes(low, Uint8Array.of(0))),
    withSignature('DER', concatBytes(hexToBytes('30460221 00'.replace(' ', '')), r, hexToBytes('0221'), s)),
    withKey('the opposite point', concatBytes(Uint8Array.of(2), x)),
    withKey('an x on no point', concatBytes(Uint8Array.of(3), bigEndian(xOnNoPoint()))),
    withKey('x = p', concatBytes(Uint8Array.of(3), bigEndian(PRIME))),
    withKey('x = 2^256 - 1', concatBytes(Uint8Array.of(3), bigEndian(2n ** 256n - 1n))),
    withKey('uncompressed', concatBytes(Uint8Array.of(4), x, RFC6979.y)),
    withKey('hybrid', concatBytes(Uint8Array.of(7), x, RFC6979.y)),
    withKey('33 bytes that say uncompressed', concatBytes(Uint8Array.of(4), x)),
    withKey('33 bytes that say infinity', concatBytes(Uint8Array.of(0), x)),
    withKey('infinity', Uint8Array.of(0)),
    withKey('x alone', x),
    withKey('truncated', publicKey.subarray(0, 32)),
    withKey('one byte more', concatBytes(publicKey, Uint8Array.of(0))),
    withKey('empty', new Uint8Array()),
    { ...withSignature('another message', low), message: utf8ToBytes('Sample') },
    { ...withSignature('the empty message', low), message: new Uint8Array() },
  ];
}

/** The smallest x for which x³ − 3x + b is no square. */
function xOnNoPoint(): bigint {
  const { Fp } = p256.Point;
  const { b } = p256.Point.CURVE();
  for (let x = 1n; ; x++) {
    const square = Fp.create(x * x * x - 3n * x + b);
    if (Fp.pow(square, (PRIME - 1n) / 2n) !== 1n) return x;
  }
}
