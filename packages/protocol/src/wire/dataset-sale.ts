import {
  type AccountId,
  areBytesEqual,
  authorizationAccount,
  authorizationShape,
  bytes,
  bytes32,
  type Crypto,
  concatBytes,
  encode,
  struct,
  u32,
  utf8ToBytes,
  type ValueOf,
  verifyAuthorization,
} from '@cairn/core';
import { DATASET_CHUNK_BYTES } from '@cairn/ledger';
import { AEAD_TAG_BYTES, type SealCrypto } from '../seal/seal-crypto.ts';

/** Random bytes that go into the leaf of a chunk: who sees its hash cannot try chunks against it. */
export const CHUNK_SALT_BYTES = 32;

/** Most bytes of a chunk as it is sold: its salt, its bytes and a tag. */
export const MAX_SOLD_CHUNK_BYTES = CHUNK_SALT_BYTES + DATASET_CHUNK_BYTES + AEAD_TAG_BYTES;

const LEAF = Uint8Array.of(0);
/** Every chunk is sealed with a key of its own, so the nonce may stand still. */
const NONCE = new Uint8Array(12);

/** The leaf of a chunk: SHA-256 of 0x00, its salt and its bytes. */
export const datasetLeaf = (crypto: Crypto, salt: Uint8Array, chunk: Uint8Array): Uint8Array =>
  crypto.sha256(concatBytes(LEAF, salt, chunk));

/** Bytes of a chunk of a data set. */
export function datasetChunkBytes(sizeBytes: bigint, index: number): number {
  const left = sizeBytes - BigInt(index) * BigInt(DATASET_CHUNK_BYTES);
  return left > BigInt(DATASET_CHUNK_BYTES) ? DATASET_CHUNK_BYTES : Number(left);
}

/** What a seller signs before it is paid: which chunk these sealed bytes are, and which key opens them. */
export const chunkSaleShape = struct('ChunkSale', {
  channel: bytes32,
  /** SHA-256 of the buyer's request. */
  requestHash: bytes32,
  dataset: bytes32,
  index: u32,
  /** Leaf of the chunk, which leads to the root on the ledger. */
  leaf: bytes32,
  /** SHA-256 of the sealed chunk. */
  sealedHash: bytes32,
  /** SHA-256 of the key. */
  keyHash: bytes32,
});
export type ChunkSale = ValueOf<typeof chunkSaleShape>;

export const signedChunkSaleShape = struct('SignedChunkSale', {
  sale: chunkSaleShape,
  /** The seller's. */
  authorization: authorizationShape,
});
export type SignedChunkSale = ValueOf<typeof signedChunkSaleShape>;

/** Shows anybody that a seller signed for a chunk and delivered something else. */
export const badChunkShape = struct('BadChunk', {
  signed: signedChunkSaleShape,
  key: bytes32,
  sealed: bytes(MAX_SOLD_CHUNK_BYTES),
});
export type BadChunk = ValueOf<typeof badChunkShape>;

/** The bytes a seller signs. */
export function chunkSaleSignBytes(chainId: Uint8Array, sale: ChunkSale): Uint8Array {
  return concatBytes(utf8ToBytes('cairn/chunk-sale/v1'), chainId, encode(chunkSaleShape, sale));
}

/** True when `seller` signed this sale on this chain. */
export function verifyChunkSale(
  crypto: Crypto,
  chainId: Uint8Array,
  { sale, authorization }: SignedChunkSale,
  seller: AccountId,
): boolean {
  return (
    areBytesEqual(authorizationAccount(crypto, authorization), seller) &&
    verifyAuthorization(crypto, authorization, chunkSaleSignBytes(chainId, sale))
  );
}

/** Seals a chunk and its salt. @param key 32 random bytes, never used before. */
export function sealChunk(
  crypto: SealCrypto,
  key: Uint8Array,
  leaf: Uint8Array,
  salt: Uint8Array,
  chunk: Uint8Array,
): Uint8Array {
  return crypto.aead(key).seal(NONCE, leaf, concatBytes(salt, chunk));
}

/** The chunk of a sale, or null when the key does not open the leaf that was signed for. */
export function openChunk(
  crypto: Crypto,
  seal: SealCrypto,
  key: Uint8Array,
  leaf: Uint8Array,
  sealed: Uint8Array,
): { readonly salt: Uint8Array; readonly chunk: Uint8Array } | null {
  const opened = seal.aead(key).open(NONCE, leaf, sealed);
  if (opened === null || opened.length < CHUNK_SALT_BYTES) return null;
  const salt = opened.subarray(0, CHUNK_SALT_BYTES);
  const chunk = opened.subarray(CHUNK_SALT_BYTES);
  return areBytesEqual(datasetLeaf(crypto, salt, chunk), leaf) ? { salt, chunk } : null;
}

/**
 * Whether a proof convicts: the seller signed, these are the bytes and the key it signed for, and they do not open to
 * the leaf it signed for.
 */
export function isBadChunk(
  crypto: Crypto,
  seal: SealCrypto,
  chainId: Uint8Array,
  { signed, key, sealed }: BadChunk,
  seller: AccountId,
): boolean {
  const { sale } = signed;
  return (
    verifyChunkSale(crypto, chainId, signed, seller) &&
    areBytesEqual(crypto.sha256(key), sale.keyHash) &&
    areBytesEqual(crypto.sha256(sealed), sale.sealedHash) &&
    openChunk(crypto, seal, key, sale.leaf, sealed) === null
  );
}
