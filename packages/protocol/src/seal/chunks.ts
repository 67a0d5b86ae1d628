import { concatBytes, utf8ToBytes } from '@cairn/core';
import { MAX_FRAME_BYTES } from '../ports/transport.ts';
import { expandBlock } from './hpke.ts';
import { LEAST_CHUNK_BYTES, pad, unpad } from './padding.ts';
import { sealBroken } from './seal-broken.ts';
import { AEAD_TAG_BYTES, type SealCrypto } from './seal-crypto.ts';

/** Random bytes in front of the first piece of an answer: answers to one request never share a key. */
export const RESPONSE_NONCE_BYTES = 32;

/** First byte of a piece. A frame in clear is a CBOR map and begins with 0xa0 to 0xbf. */
const MORE = 1;
const LAST = 2;
/** Most pieces of one answer. */
const MAX_CHUNKS = 1 << 24;
const MAX_SEALED_BYTES = MAX_FRAME_BYTES - 1 - RESPONSE_NONCE_BYTES;

/** Seals the pieces of one answer, in order. */
export interface ChunkSealer {
  /** One piece: a byte that says whether it is the last, then the sealed and padded bytes. */
  seal(bytes: Uint8Array, isLast: boolean): Uint8Array;
}

/** Opens the pieces of one answer; any change, gap, repetition or swap ends it. */
export interface ChunkOpener {
  /** @throws ProtocolError `SEAL_BROKEN` */
  open(piece: Uint8Array): Uint8Array;
  /** Whether the last piece has come. Until then a stream that ends was cut. */
  readonly isOver: boolean;
}

/** Whether a frame is a sealed piece rather than one in clear. */
export function isSealedPiece(frame: Uint8Array): boolean {
  return frame[0] === MORE || frame[0] === LAST;
}

function responseKeys(crypto: SealCrypto, enc: Uint8Array, secret: Uint8Array, responseNonce: Uint8Array) {
  const extracted = crypto.hmacSha256(concatBytes(enc, responseNonce), secret);
  const nonce = expandBlock(crypto, extracted, utf8ToBytes('nonce'), 12);
  const view = new DataView(nonce.buffer, nonce.byteOffset, 12);
  const low = view.getUint32(8);
  return {
    aead: crypto.aead(expandBlock(crypto, extracted, utf8ToBytes('key'), 32)),
    /** The nonce with a big-endian counter mixed in, as HPKE does; valid until the next call. */
    nonceOf(counter: number): Uint8Array {
      view.setUint32(8, (low ^ counter) >>> 0);
      return nonce;
    },
  };
}

export function createChunkSealer(
  crypto: SealCrypto,
  enc: Uint8Array,
  secret: Uint8Array,
  responseNonce: Uint8Array,
): ChunkSealer {
  const keys = responseKeys(crypto, enc, secret, responseNonce);
  let counter = 0;
  let isOver = false;
  return {
    seal(bytes, isLast) {
      if (isOver || counter >= MAX_CHUNKS) throw sealBroken('the answer is over');
      const head = Uint8Array.of(isLast ? LAST : MORE);
      const sealed = keys.aead.seal(keys.nonceOf(counter), head, pad(bytes, LEAST_CHUNK_BYTES));
      const first = counter === 0 ? responseNonce : new Uint8Array(0);
      counter += 1;
      isOver = isLast;
      return concatBytes(head, first, sealed);
    },
  };
}

export function createChunkOpener(crypto: SealCrypto, enc: Uint8Array, secret: Uint8Array): ChunkOpener {
  let keys: ReturnType<typeof responseKeys> | null = null;
  let counter = 0;
  let isOver = false;
  let isBroken = false;

  function open(piece: Uint8Array): Uint8Array {
    if (isOver) throw sealBroken('something follows its last piece');
    const at = keys === null ? 1 + RESPONSE_NONCE_BYTES : 1;
    if (!isSealedPiece(piece)) throw sealBroken('a piece is not sealed');
    const sealed = piece.subarray(at);
    if (sealed.length < LEAST_CHUNK_BYTES + AEAD_TAG_BYTES) throw sealBroken('a piece is too short');
    if (sealed.length > MAX_SEALED_BYTES || counter >= MAX_CHUNKS) throw sealBroken('it is too long');
    keys ??= responseKeys(crypto, enc, secret, piece.slice(1, at));
    const opened = keys.aead.open(keys.nonceOf(counter), piece.subarray(0, 1), sealed);
    if (opened === null) throw sealBroken('a piece is not the next one of this answer');
    const bytes = unpad(opened, LEAST_CHUNK_BYTES);
    counter += 1;
    isOver = piece[0] === LAST;
    return bytes;
  }

  return {
    get isOver() {
      return isOver && !isBroken;
    },
    open(piece) {
      if (isBroken) throw sealBroken('an earlier piece was broken');
      try {
        return open(piece);
      } catch (error) {
        isBroken = true;
        throw error;
      }
    },
  };
}
