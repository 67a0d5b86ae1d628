import { hexToBytes } from '../bytes.ts';

/** y of every point whose order divides 8, little-endian: 0, 1, −1 and the two of order 8. */
const SMALL_ORDER_Y: readonly Uint8Array[] = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
].map(hexToBytes);

/** 2^255 − 19, little-endian. */
const FIELD_PRIME = hexToBytes('edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f');

/** Order of the base point, little-endian. */
const GROUP_ORDER = hexToBytes('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010');

/** Whether the 32 little-endian bytes at `offset`, without the bits outside `topMask`, are below `limit`. */
function isBelow(bytes: Uint8Array, offset: number, topMask: number, limit: Uint8Array): boolean {
  for (let i = 31; i >= 0; i--) {
    const byte = (bytes[offset + i] as number) & (i === 31 ? topMask : 0xff);
    const bound = limit[i] as number;
    if (byte !== bound) return byte < bound;
  }
  return false;
}

/** Looks at the first 32 bytes and not at the sign. */
function hasSmallOrderY(point: Uint8Array): boolean {
  const top = (point[31] as number) & 0x7f;
  return SMALL_ORDER_Y.some((y) => {
    if (y[0] !== point[0] || y[31] !== top) return false;
    for (let i = 1; i < 31; i++) if (y[i] !== point[i]) return false;
    return true;
  });
}

/**
 * Whether 32 bytes may be an ed25519 account key: canonical (y below the field prime) and not of small
 * order. The sign bit is ignored in the comparison, which also refuses the two encodings of x = 0 with the
 * sign set. Whether the bytes are a point at all is left to the signature check.
 */
export function isEd25519KeyAllowed(publicKey: Uint8Array): boolean {
  return publicKey.length === 32 && isBelow(publicKey, 0, 0x7f, FIELD_PRIME) && !hasSmallOrderY(publicKey);
}

/**
 * The part of the ed25519 rule that libraries disagree about, checked before any of them is asked:
 * key allowed, signature of 64 bytes, R not of small order, S below the group order. OpenSSL 3.0 accepts
 * small-order keys and small-order R, OpenSSL 3.5 refuses both; nobody who signs honestly makes either.
 *
 * @see docs/decisions/0005-ed25519-rule.md
 */
export function isEd25519InputAllowed(publicKey: Uint8Array, signature: Uint8Array): boolean {
  return (
    signature.length === 64 &&
    isBelow(signature, 32, 0xff, GROUP_ORDER) &&
    !hasSmallOrderY(signature) &&
    isEd25519KeyAllowed(publicKey)
  );
}
