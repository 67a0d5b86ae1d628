import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { areBytesEqual, concatBytes, u64ToBytes, utf8ToBytes } from '../bytes.ts';
import { CoreError } from '../errors.ts';
import { LOCK_BYTES, LOCKED_KEY_BYTES, lockKey, unlockKey } from './identity-encryption.ts';
import { MAX_ROUND, readG1, readG2 } from './points.ts';

const TAG_BYTES = 32;

/** What a timelocked message is longer than what it hides. */
export const TIMELOCK_OVERHEAD_BYTES: number = LOCK_BYTES + TAG_BYTES;

/** Bytes of randomness that one message takes. */
export const TIMELOCK_RANDOM_BYTES: number = 2 * LOCKED_KEY_BYTES;

const subkey = (key: Uint8Array, use: string): Uint8Array =>
  hmac(sha256, key, utf8ToBytes(`cairn/timelock/v1/${use}`));

/** XORs with HMAC-SHA-256 of a counter. The key hides one message only, so the counter starts at zero. */
function applyStream(key: Uint8Array, data: Uint8Array): Uint8Array {
  const streamKey = subkey(key, 'stream');
  const out = Uint8Array.from(data);
  for (let offset = 0, block = 0n; offset < out.length; offset += 32, block += 1n) {
    const pad = hmac(sha256, streamKey, u64ToBytes(block));
    const end = Math.min(32, out.length - offset);
    for (let at = 0; at < end; at += 1) out[offset + at] = out[offset + at]! ^ pad[at]!;
  }
  return out;
}

const tagOf = (key: Uint8Array, lock: Uint8Array, body: Uint8Array): Uint8Array =>
  hmac(sha256, subkey(key, 'tag'), concatBytes(lock, body));

/**
 * Hides bytes until a beacon's pulse of a round is out; then everybody can open them. A random key is locked to the
 * round as tlock does; it drives the stream and the tag of the body.
 *
 * Cost: a pairing and a power of its result, about 35 ms of one core, and 7 µs for each 32 bytes.
 *
 * @param randomness 32 bytes that nobody else knows, never used before
 * @returns `TIMELOCK_OVERHEAD_BYTES` more than `plaintext`
 * @throws CoreError `BYTES_MALFORMED`, `VALUE_OUT_OF_RANGE`
 */
export function sealToRound(
  publicKey: Uint8Array,
  round: bigint,
  plaintext: Uint8Array,
  randomness: Uint8Array,
): Uint8Array {
  const beacon = readG2(publicKey);
  if (beacon === null) {
    const expected = "a beacon's public key: 96 bytes, a compressed point of G2";
    throw new CoreError({ code: 'BYTES_MALFORMED', expected }, `Expected ${expected}.`);
  }
  if (randomness.length !== TIMELOCK_RANDOM_BYTES) {
    const expected = `${TIMELOCK_RANDOM_BYTES} bytes of randomness`;
    throw new CoreError(
      { code: 'BYTES_MALFORMED', expected },
      `Expected ${expected}, got ${randomness.length}.`,
    );
  }
  if (round < 1n || round > MAX_ROUND) {
    throw new CoreError(
      { code: 'VALUE_OUT_OF_RANGE', type: 'round' },
      `Rounds of a beacon count from 1, this is ${round}.`,
    );
  }
  const key = randomness.subarray(0, LOCKED_KEY_BYTES);
  const lock = lockKey(beacon, round, key, randomness.subarray(LOCKED_KEY_BYTES));
  const body = applyStream(key, plaintext);
  return concatBytes(lock, body, tagOf(key, lock, body));
}

/**
 * What was hidden until a round, by that round's pulse, which `verifyPulse` found good; null when the bytes were not
 * made for this round, or by no rule at all. Never throws.
 *
 * Cost: a pairing and two points, about 20 ms of one core, and 7 µs for each 32 bytes.
 */
export function openWithPulse(ciphertext: Uint8Array, signature: Uint8Array): Uint8Array | null {
  if (ciphertext.length < TIMELOCK_OVERHEAD_BYTES) return null;
  const pulse = readG1(signature);
  if (pulse === null) return null;
  const bodyEnd = ciphertext.length - TAG_BYTES;
  const lock = ciphertext.subarray(0, LOCK_BYTES);
  const body = ciphertext.subarray(LOCK_BYTES, bodyEnd);
  const key = unlockKey(pulse, lock);
  if (key === null || !areBytesEqual(tagOf(key, lock, body), ciphertext.subarray(bodyEnd))) return null;
  return applyStream(key, body);
}
