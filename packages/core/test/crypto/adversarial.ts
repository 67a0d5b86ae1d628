import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '../../src/index.ts';

const { Point } = ed25519;
type CurvePoint = InstanceType<typeof Point>;
const ORDER = Point.Fn.ORDER;
const PRIME = 2n ** 255n - 19n;

export interface SignatureCase {
  what: string;
  publicKey: Uint8Array;
  message: Uint8Array;
  signature: Uint8Array;
  valid: boolean;
}

function toLittleEndian(value: bigint): Uint8Array {
  const bytes = new Uint8Array(32);
  for (let i = 0, rest = value; i < 32; i++, rest >>= 8n) bytes[i] = Number(rest & 0xffn);
  return bytes;
}

function fromLittleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

const times = (point: CurvePoint, scalar: bigint): CurvePoint => point.multiplyUnsafe(scalar % ORDER);

const challengeOf = (r: Uint8Array, publicKey: Uint8Array, message: Uint8Array): bigint =>
  fromLittleEndian(sha512(concatBytes(r, publicKey, message))) % ORDER;

const scalarOf = (label: string): bigint =>
  fromLittleEndian(sha512(utf8ToBytes(label)).subarray(0, 32)) % ORDER;

/** The eight points whose order divides 8: multiples of one of order 8. */
const torsion: CurvePoint[] = [Point.ZERO];
for (let i = 1; i < 8; i++) {
  const generator = Point.fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a');
  torsion.push((torsion[i - 1] as CurvePoint).add(generator));
}

/**
 * 512 signatures over every pair of torsion cosets of A = aB + T_i and R = rB + T_j, eight variants each.
 * Their maker knows a, r, i and j, so the verdict is arithmetic and not another library's opinion:
 * S·B − k·A = R exactly when j + k·i is a multiple of 8; and neither A (a = 0) nor R (r = 0) may be of
 * small order.
 */
export function makeAdversarialCases(): SignatureCase[] {
  const cases: SignatureCase[] = [];
  for (let i = 0; i < 8; i++) {
    for (let j = 0; j < 8; j++) {
      for (let variant = 0; variant < 8; variant++) cases.push(makeCase(i, j, variant));
    }
  }
  return cases;
}

function makeCase(i: number, j: number, variant: number): SignatureCase {
  const label = `cairn/adversarial/${i}/${j}/${variant}`;
  const a = variant >= 6 ? 0n : scalarOf(`${label}/a`);
  const r = variant === 4 || variant === 5 ? 0n : scalarOf(`${label}/r`);
  const publicKey = times(Point.BASE, a)
    .add(torsion[i] as CurvePoint)
    .toBytes();
  const commitment = times(Point.BASE, r)
    .add(torsion[j] as CurvePoint)
    .toBytes();
  // Odd variants look for a message that makes the torsion parts cancel, where there is one.
  let message = new Uint8Array();
  let cancels = false;
  for (let attempt = 0; attempt < (variant % 2 === 0 ? 1 : 64) && !cancels; attempt++) {
    message = sha256(utf8ToBytes(`${label}/m/${attempt}`)).slice(0, 4);
    cancels = (BigInt(j) + challengeOf(commitment, publicKey, message) * BigInt(i)) % 8n === 0n;
  }
  const response = (r + challengeOf(commitment, publicKey, message) * a) % ORDER;
  return {
    what: `A coset ${i}, R coset ${j}, variant ${variant}`,
    publicKey,
    message,
    signature: concatBytes(commitment, toLittleEndian(response)),
    valid: cancels && a !== 0n && r !== 0n,
  };
}

/** Every 32-byte text that decodes to a point of small order, canonical or not. */
export function smallOrderEncodings(): Uint8Array[] {
  const encodings = new Map<string, Uint8Array>();
  for (const point of torsion) {
    const y = point.toAffine().y;
    for (const written of [y, y + PRIME]) {
      if (written >= 2n ** 255n) continue;
      for (const sign of [0n, 1n]) {
        const bytes = toLittleEndian(written | (sign << 255n));
        encodings.set(bytesToHex(bytes), bytes);
      }
    }
  }
  return [...encodings.values()];
}

/** Every 32-byte text whose y is not below the field prime. */
export function nonCanonicalEncodings(): Uint8Array[] {
  const encodings: Uint8Array[] = [];
  for (let y = PRIME; y < 2n ** 255n; y++) {
    for (const sign of [0n, 1n]) encodings.push(toLittleEndian(y | (sign << 255n)));
  }
  return encodings;
}

/** An honest key, and signatures whose parts are written in every way that must not be accepted. */
function makeEncodingCases(): SignatureCase[] {
  const a = scalarOf('cairn/encodings/a');
  const publicKey = times(Point.BASE, a).toBytes();
  const message = utf8ToBytes('cairn');
  const cases: SignatureCase[] = [];
  const add = (what: string, commitment: Uint8Array, r: bigint, wraps: bigint, valid: boolean): void => {
    const response = (r + challengeOf(commitment, publicKey, message) * a) % ORDER;
    const signature = concatBytes(commitment, toLittleEndian(response + wraps * ORDER));
    cases.push({ what, publicKey, message, signature, valid });
  };
  const r = scalarOf('cairn/encodings/r');
  const honest = times(Point.BASE, r).toBytes();
  add('honest', honest, r, 0n, true);
  for (let wraps = 1n; wraps < 15n; wraps++) add(`S + ${wraps} L`, honest, r, wraps, false);
  add('R is the neutral point', toLittleEndian(1n), 0n, 0n, false);
  add('R is the neutral point with the sign set', toLittleEndian(1n | (1n << 255n)), 0n, 0n, false);
  add('R is the neutral point, y + p', toLittleEndian(PRIME + 1n), 0n, 0n, false);
  add('R is the neutral point, y + p, sign set', toLittleEndian((PRIME + 1n) | (1n << 255n)), 0n, 0n, false);
  const flipped = honest.slice();
  flipped[31] = (flipped[31] as number) ^ 0x80;
  add('R negated', flipped, r, 0n, false);
  for (const encoding of smallOrderEncodings()) {
    if (encoding[0] !== 1 && encoding[0] !== 0xee)
      add(`R is ${bytesToHex(encoding).slice(0, 8)}…`, encoding, 0n, 0n, false);
  }
  return cases;
}

interface Written {
  /** Public key, message and signature in hexadecimal, separated by spaces; one text per case. */
  adversarial: string[];
  /** One character per adversarial case: 1 accepted, 0 refused. */
  adversarialVerdicts: string;
  encodings: { what: string; publicKey: string; message: string; signature: string; valid: boolean }[];
}

export function writeVectors(): Written {
  const adversarial = makeAdversarialCases();
  const hex = ({ publicKey, message, signature }: SignatureCase) =>
    [publicKey, message, signature].map(bytesToHex);
  return {
    adversarial: adversarial.map((one) => hex(one).join(' ')),
    adversarialVerdicts: adversarial.map(({ valid }) => (valid ? '1' : '0')).join(''),
    encodings: makeEncodingCases().map((one) => {
      const [publicKey, message, signature] = hex(one) as [string, string, string];
      return { what: one.what, publicKey, message, signature, valid: one.valid };
    }),
  };
}

export function readVectors(written: Written): SignatureCase[] {
  const adversarial = written.adversarial.map((line, i) => {
    const [publicKey, message, signature] = line.split(' ').map(hexToBytes) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    const valid = written.adversarialVerdicts[i] === '1';
    return { what: `adversarial case ${i}`, publicKey, message, signature, valid };
  });
  const encodings = written.encodings.map(({ what, publicKey, message, signature, valid }) => ({
    what,
    publicKey: hexToBytes(publicKey),
    message: hexToBytes(message),
    signature: hexToBytes(signature),
    valid,
  }));
  return [...adversarial, ...encodings];
}
