import { areBytesEqual, bytesToHex, type Crypto, concatBytes, utf8ToBytes } from '@cairn/core';
import { CHUNK_BYTES, MAX_CHUNKS, pathInTree, rootByPath, treeLevels } from '@cairn/protocol';

const LEAF = Uint8Array.of(0);

/** Chunks of a file; 0 when it is larger than what can be challenged. An empty file is one empty chunk. */
export function chunkCount(sizeBytes: bigint): number {
  const size = BigInt(CHUNK_BYTES);
  const count = sizeBytes === 0n ? 1n : (sizeBytes + size - 1n) / size;
  return count > BigInt(MAX_CHUNKS) ? 0 : Number(count);
}

/** The leaf of a chunk: SHA-256 of 0x00 and its bytes. */
export const chunkLeaf = (crypto: Crypto, chunk: Uint8Array): Uint8Array =>
  crypto.sha256(concatBytes(LEAF, chunk));

/** Hashes beside the way from a leaf to the root, from the leaf up. */
export function chunkPath(crypto: Crypto, leaves: readonly Uint8Array[], index: number): Uint8Array[] {
  return pathInTree(treeLevels(crypto, leaves), index);
}

export interface ChunkClaim {
  /** Of the artifact, as its card says. */
  readonly merkleRoot: Uint8Array;
  readonly sizeBytes: bigint;
  readonly index: number;
}

/** Whether these bytes are that chunk of that artifact: right length, and a path of the right length to the root. */
export function isChunkOf(
  crypto: Crypto,
  { merkleRoot, sizeBytes, index }: ChunkClaim,
  chunk: Uint8Array,
  path: readonly Uint8Array[],
): boolean {
  const count = chunkCount(sizeBytes);
  if (index < 0 || index >= count) return false;
  const isLast = index === count - 1;
  const length = isLast ? Number(sizeBytes - BigInt(CHUNK_BYTES) * BigInt(count - 1)) : CHUNK_BYTES;
  if (chunk.length !== length) return false;
  const root = rootByPath(crypto, chunkLeaf(crypto, chunk), index, count, path);
  return root !== null && areBytesEqual(root, merkleRoot);
}

/**
 * Which chunk a provider has to show: SHA-256 of a tag, a seed it could not know before, its account and the
 * artifact, modulo the number of chunks.
 *
 * @param seed hash of a block made after the challenge was decided on. 32 bytes.
 */
export function drawChunk(
  crypto: Crypto,
  seed: Uint8Array,
  provider: Uint8Array,
  { sha256, sizeBytes }: { readonly sha256: Uint8Array; readonly sizeBytes: bigint },
): number {
  const digest = crypto.sha256(concatBytes(utf8ToBytes('cairn/chunk-challenge/v1'), seed, provider, sha256));
  return Number(BigInt(`0x${bytesToHex(digest.subarray(0, 16))}`) % BigInt(chunkCount(sizeBytes)));
}
