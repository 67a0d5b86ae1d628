import { bytesToHex, concatBytes, utf8ToBytes } from '@cairn/core';
import { ProtocolError } from '../errors.ts';
import { MAX_INFER_BODY_BYTES } from '../wire/infer-limits.ts';
import {
  type ChunkOpener,
  type ChunkSealer,
  createChunkOpener,
  createChunkSealer,
  RESPONSE_NONCE_BYTES,
} from './chunks.ts';
import { hpkeContext } from './hpke.ts';
import { LEAST_REQUEST_BYTES, pad, paddedSize, unpad } from './padding.ts';
import { sealBroken } from './seal-broken.ts';
import { AEAD_TAG_BYTES, type SealCrypto } from './seal-crypto.ts';
import {
  bestSuite,
  ENC_BYTES,
  encapsulate,
  KEM_IDS,
  KEY_ID_BYTES,
  SEAL_RANDOM_BYTES,
  SEAL_SUITES,
  type SealingKey,
  type SealingPublicKeys,
  type SealSuite,
  sealingKeyId,
} from './sealing-key.ts';

const VERSION = 1;
const HEAD_BYTES = 2 + KEY_ID_BYTES;
const REQUEST_LABEL = utf8ToBytes('cairn/infer/1 request');
const RESPONSE_LABEL = utf8ToBytes('cairn/infer/1 response');

/** Largest sealed request, in bytes. */
export const MAX_SEALED_REQUEST_BYTES =
  HEAD_BYTES + ENC_BYTES['x-wing'] + paddedSize(MAX_INFER_BODY_BYTES, LEAST_REQUEST_BYTES) + AEAD_TAG_BYTES;

/** What a sealed request is bound to: anywhere else it does not open. Every part has 32 bytes. */
export interface SealBinding {
  readonly chainId: Uint8Array;
  readonly provider: Uint8Array;
  readonly channel: Uint8Array;
  /** SHA-256 of the body in clear, which has a random salt. */
  readonly requestHash: Uint8Array;
  readonly artifact: Uint8Array;
}

export interface SealedRequest {
  readonly suite: SealSuite;
  readonly bytes: Uint8Array;
  /** Opens the answer. */
  readonly opener: ChunkOpener;
}

export interface OpenedRequest {
  readonly suite: SealSuite;
  readonly body: Uint8Array;
  /** Seals one answer. @param responseNonce 32 random bytes, never used before. */
  sealer(responseNonce: Uint8Array): ChunkSealer;
}

function bindingBytes({ chainId, provider, channel, requestHash, artifact }: SealBinding): Uint8Array {
  return concatBytes(utf8ToBytes('cairn/seal/v1'), chainId, provider, channel, requestHash, artifact);
}

/**
 * Seals a request body to a provider's key of the ledger: HPKE in base mode, a fresh key each time.
 *
 * @param random `SEAL_RANDOM_BYTES` fresh random bytes.
 * @throws ProtocolError `SEALING_KEY_UNFIT`
 */
export function sealRequest(
  crypto: SealCrypto,
  keys: SealingPublicKeys,
  binding: SealBinding,
  body: Uint8Array,
  random: Uint8Array,
): SealedRequest {
  assertRandom(random, SEAL_RANDOM_BYTES);
  const suite = bestSuite(keys);
  const fresh = suite === null ? null : encapsulate(crypto, suite, keys, random);
  if (suite === null || fresh === null) {
    throw new ProtocolError(
      { code: 'SEALING_KEY_UNFIT' },
      'The sealing key that this provider has on the ledger cannot be sealed to. Ask another provider.',
    );
  }
  const head = concatBytes(
    Uint8Array.of(VERSION, SEAL_SUITES[suite]),
    sealingKeyId(suite, suite === 'x-wing' ? keys.xWing : keys.x25519),
  );
  const context = hpkeContext(crypto, KEM_IDS[suite], fresh.shared, concatBytes(REQUEST_LABEL, head));
  const padded = pad(body, LEAST_REQUEST_BYTES);
  const sealed = crypto.aead(context.key).seal(context.nonce, bindingBytes(binding), padded);
  return {
    suite,
    bytes: concatBytes(head, fresh.enc, sealed),
    opener: createChunkOpener(crypto, fresh.enc, context.exportSecret(RESPONSE_LABEL)),
  };
}

/**
 * Opens a stranger's sealed request with one of a provider's keys.
 *
 * @throws ProtocolError `SEAL_BROKEN`, `SEALING_KEY_UNKNOWN`
 */
export function openRequest(
  crypto: SealCrypto,
  keys: readonly SealingKey[],
  binding: SealBinding,
  bytes: Uint8Array,
): OpenedRequest {
  const suite = suiteOf(bytes);
  const bodyAt = HEAD_BYTES + ENC_BYTES[suite];
  if (bytes.length < bodyAt + LEAST_REQUEST_BYTES + AEAD_TAG_BYTES) throw sealBroken('it is too short');
  if (bytes.length > MAX_SEALED_REQUEST_BYTES) throw sealBroken('it is too long');
  const head = bytes.subarray(0, HEAD_BYTES);
  const id = bytesToHex(bytes.subarray(2, HEAD_BYTES));
  const key = keys.find(({ ids }) => ids[suite] === id);
  if (key === undefined) {
    throw new ProtocolError(
      { code: 'SEALING_KEY_UNKNOWN', id },
      `The request is sealed to the key ${id}, which this provider does not have. Read its record on the ledger again.`,
    );
  }
  const enc = bytes.slice(HEAD_BYTES, bodyAt);
  const shared = key.decapsulate(suite, enc);
  if (shared === null) throw sealBroken('its key is of small order');
  const context = hpkeContext(crypto, KEM_IDS[suite], shared, concatBytes(REQUEST_LABEL, head));
  const opened = crypto.aead(context.key).open(context.nonce, bindingBytes(binding), bytes.subarray(bodyAt));
  if (opened === null) throw sealBroken('it is not what was sealed for this provider, channel and request');
  const secret = context.exportSecret(RESPONSE_LABEL);
  return {
    suite,
    body: unpad(opened, LEAST_REQUEST_BYTES),
    sealer(responseNonce) {
      assertRandom(responseNonce, RESPONSE_NONCE_BYTES);
      return createChunkSealer(crypto, enc, secret, responseNonce);
    },
  };
}

/** A source of randomness that gives too little would give the secret away. */
function assertRandom(random: Uint8Array, length: number): void {
  if (random.length !== length)
    throw new RangeError(`Sealing wants ${length} random bytes, not ${random.length}.`);
}

function suiteOf(bytes: Uint8Array): SealSuite {
  if (bytes[0] !== VERSION) throw sealBroken('its version is not known');
  const suites = Object.keys(SEAL_SUITES) as SealSuite[];
  const suite = suites.find((name) => SEAL_SUITES[name] === bytes[1]);
  if (suite === undefined) throw sealBroken('its suite is not known');
  return suite;
}
