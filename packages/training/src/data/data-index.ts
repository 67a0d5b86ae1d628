import {
  bytes32,
  type Crypto,
  choice,
  decode,
  encode,
  list,
  struct,
  text,
  u8,
  u32,
  u64,
  type ValueOf,
} from '@cairn/core';
import { merkleRoot } from '@cairn/protocol';
import { malformedData } from './documents.ts';

/** Tokens of one shard, at most. With two bytes each that is 1 MiB. */
export const SHARD_TOKENS = 1 << 19;

const MAX_SHARDS = 1 << 20;

/**
 * How tokens become samples. `stream`: one long text, cut every `length` tokens; a sample also reads the first token
 * of the next one. `rows`: samples of `length` + 1 tokens that hold whole conversations.
 */
const LAYOUTS = ['stream', 'rows'] as const;

/** What a set of tokens is, without the tokens: the blob that a run's manifest names. */
export const dataIndexShape = struct('DataIndex', {
  name: text(100),
  /** SPDX expression. */
  licence: text(128),
  /** SHA-256 of the tokenizer's file. */
  tokenizer: bytes32,
  layout: choice('layout', LAYOUTS, u8),
  /** Positions of a sample. */
  length: u32,
  /** Bytes of a token: 2 or 4. */
  tokenBytes: u8,
  tokens: u64,
  shards: list(struct('Shard', { hash: bytes32, tokens: u32 }), MAX_SHARDS),
});
export type DataIndex = ValueOf<typeof dataIndexShape>;

/** The Merkle root of a set, by RFC 6962 over the hashes of its shards. */
export function dataRootOf(crypto: Crypto, { shards }: DataIndex): Uint8Array {
  return merkleRoot(
    crypto,
    shards.map(({ hash }) => hash),
  );
}

export function encodeDataIndex(index: DataIndex): Uint8Array {
  return encode(dataIndexShape, index);
}

/** @throws CoreError `CODEC_MALFORMED`, `CODEC_NOT_CANONICAL`; TrainingError `DATA_MALFORMED` */
export function decodeDataIndex(bytes: Uint8Array): DataIndex {
  const index = decode(dataIndexShape, bytes);
  const { length, tokenBytes, tokens, shards, name } = index;
  const refuse = (reason: string) => malformedData(`the index ${JSON.stringify(name)}`, null, reason);
  if (tokenBytes !== 2 && tokenBytes !== 4) throw refuse('has tokens of neither two nor four bytes');
  if (length < 2 || length >= SHARD_TOKENS) throw refuse(`has samples of ${length} positions`);
  if (shards.some((shard) => shard.tokens === 0 || shard.tokens > SHARD_TOKENS))
    throw refuse(`has a shard of no or more than ${SHARD_TOKENS} tokens`);
  if (tokens !== shards.reduce((sum, shard) => sum + BigInt(shard.tokens), 0n))
    throw refuse('counts other tokens than its shards');
  return index;
}

/** Whole samples of a shard. The few tokens behind the last one are not used. */
export function samplesOf({ layout, length }: DataIndex, tokens: number): number {
  return layout === 'rows'
    ? Math.floor(tokens / (length + 1))
    : Math.max(0, Math.floor((tokens - 1) / length));
}
