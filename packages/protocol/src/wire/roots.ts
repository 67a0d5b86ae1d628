import { type Crypto, concatBytes, utf8ToBytes } from '@cairn/core';

/** The root that stands for "none". */
export const NO_ROOT: Uint8Array = new Uint8Array(32);

/**
 * Hash of an answer's UTF-8 text with the salt of the request's body: who sees a receipt and not the request
 * cannot try short answers against it.
 */
export function responseHashOf(crypto: Crypto, salt: Uint8Array, text: Uint8Array): Uint8Array {
  return crypto.sha256(concatBytes(utf8ToBytes('cairn/response/v1'), salt, text));
}

/**
 * Merkle root over token ids, eight to a leaf, with their number and the salt of the request's body mixed in;
 * zero when there are none.
 */
export function tokenIdsRoot(
  crypto: Crypto,
  salt: Uint8Array,
  tokenIds: readonly number[] | null,
): Uint8Array {
  if (tokenIds === null || tokenIds.length === 0) return NO_ROOT;
  const packed = new Uint8Array(4 * tokenIds.length);
  const view = new DataView(packed.buffer);
  for (const [index, id] of tokenIds.entries()) view.setUint32(4 * index, id, true);
  return merkleRoot(crypto, salt, packed, tokenIds.length);
}

/** As `tokenIdsRoot`, over natural log probabilities as 32-bit floats. */
export function logprobRoot(
  crypto: Crypto,
  salt: Uint8Array,
  logprobs: readonly number[] | null,
): Uint8Array {
  if (logprobs === null || logprobs.length === 0) return NO_ROOT;
  const packed = new Uint8Array(4 * logprobs.length);
  const view = new DataView(packed.buffer);
  for (const [index, logprob] of logprobs.entries()) view.setFloat32(4 * index, logprob, true);
  return merkleRoot(crypto, salt, packed, logprobs.length);
}

function merkleRoot(crypto: Crypto, salt: Uint8Array, packed: Uint8Array, count: number): Uint8Array {
  let leaves = 1;
  while (32 * leaves < packed.length) leaves *= 2;
  let level = new Uint8Array(32 * leaves);
  level.set(packed);
  while (level.length > 32) {
    const above = new Uint8Array(level.length / 2);
    crypto.hashPairs(level, above);
    level = above;
  }
  const size = new Uint8Array(32);
  new DataView(size.buffer).setUint32(0, count, true);
  return crypto.sha256(concatBytes(level, size, salt));
}
