import {
  account,
  bytes32,
  type Crypto,
  concatBytes,
  encode,
  list,
  struct,
  text,
  u16,
  u32,
  u64,
  utf8ToBytes,
  type ValueOf,
} from '@cairn/core';
import { defineTable } from '../state/table.ts';

/** Bytes of every chunk but the last. */
export const DATASET_CHUNK_BYTES = 262_144;
/** Most chunks of a data set: 16 TiB. */
const MAX_CHUNKS = 0x400_0000;

export const datasetCardShape = struct('DatasetCard', {
  /** `owner/name`, for people: the id is what counts. */
  name: text(96),
  description: text(400),
  /** SPDX expression. */
  licence: text(128),
  tags: list(text(32), 8),
  sizeBytes: u64,
  chunks: u32,
  /** Merkle root over the hashes of the chunks: what is delivered is this and nothing else. */
  root: bytes32,
  /** The first chunks that anybody may have for nothing, to judge by. */
  sampleChunks: u32,
  /** Pebbles for each chunk. */
  pricePerChunk: u64,
  /** Subnet whose channels pay for it. */
  netuid: u16,
  /** Name or address of who delivers it. */
  peer: text(200),
});
export type DatasetCard = ValueOf<typeof datasetCardShape>;

export const datasetShape = struct('Dataset', {
  owner: account,
  card: datasetCardShape,
  publishedHeight: u64,
  recordDeposit: u64,
});
export type Dataset = ValueOf<typeof datasetShape>;

/** Data set id → data set. */
export const datasets = defineTable('datasets', 'dataset', datasetShape);

/** Bytes that the deposit counts beside the card. */
export const DATASET_EXTRA_BYTES = 64;

/** Id of a data set: other data, another price or licence are another data set. */
export function datasetIdOf(crypto: Crypto, owner: Uint8Array, card: DatasetCard): Uint8Array {
  return crypto.sha256(concatBytes(utf8ToBytes('cairn/dataset/v1'), owner, encode(datasetCardShape, card)));
}

/** Sentence for what is wrong with a card that decodes; null when it is fine. */
export function findDatasetFault(card: DatasetCard): string | null {
  if (!/^[a-z0-9][a-z0-9._-]{0,46}\/[a-z0-9][a-z0-9._-]{0,47}$/.test(card.name))
    return 'The name is owner/name in lower-case letters, digits, dots, dashes and underscores.';
  if (card.licence === '') return 'A licence is needed, as an SPDX expression such as CC-BY-4.0.';
  if (card.chunks < 1 || card.chunks > MAX_CHUNKS) return `A data set has 1 to ${MAX_CHUNKS} chunks.`;
  const most = BigInt(card.chunks) * BigInt(DATASET_CHUNK_BYTES);
  if (card.sizeBytes > most || card.sizeBytes <= most - BigInt(DATASET_CHUNK_BYTES))
    return `${card.sizeBytes} bytes are not ${card.chunks} chunks of ${DATASET_CHUNK_BYTES}.`;
  if (card.sampleChunks > card.chunks) return 'The sample has more chunks than the data set.';
  return card.peer === '' ? 'A data set names the peer that delivers it.' : null;
}
