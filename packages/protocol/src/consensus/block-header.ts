import { bytes, type Crypto, struct, text, u32, u64, utf8ToBytes, type ValueOf } from '@cairn/core';
import { merkleRoot } from './merkle.ts';
import { createProtoWriter } from './proto-writer.ts';

/** 32 bytes, or none where there is nothing to hash yet. */
const hash = bytes(32);

/** Time of CometBFT: seconds since 1970, and nanoseconds beyond them. */
export const consensusTimeShape = struct('ConsensusTime', { seconds: u64, nanos: u32 });
export type ConsensusTime = ValueOf<typeof consensusTimeShape>;

/** Which block: its hash, and what its parts hash to. Empty before the first block. */
export const blockIdShape = struct('BlockId', { hash, partsTotal: u32, partsHash: hash });
export type BlockId = ValueOf<typeof blockIdShape>;

/** Header of a block, with the fields of CometBFT v0.38. */
export const consensusHeaderShape = struct('ConsensusHeader', {
  versionBlock: u64,
  versionApp: u64,
  chainId: text(50),
  height: u64,
  time: consensusTimeShape,
  lastBlockId: blockIdShape,
  lastCommitHash: hash,
  dataHash: hash,
  validatorsHash: hash,
  nextValidatorsHash: hash,
  consensusHash: hash,
  /** Root of the state after the previous block. */
  appHash: hash,
  lastResultsHash: hash,
  evidenceHash: hash,
  proposerAddress: bytes(20),
});
export type ConsensusHeader = ValueOf<typeof consensusHeaderShape>;

/** Seconds may be negative here: Go's zero time is. */
export function timeToProto({ seconds, nanos }: ConsensusTime): Uint8Array {
  return createProtoWriter().varint(1, seconds).varint(2, BigInt(nanos)).finish();
}

function partsToProto({ partsTotal, partsHash }: BlockId): Uint8Array {
  return createProtoWriter().varint(1, BigInt(partsTotal)).bytes(2, partsHash).finish();
}

/** Of headers and of what votes sign: both number the fields alike. */
export function blockIdToProto(id: BlockId): Uint8Array {
  return createProtoWriter().bytes(1, id.hash).message(2, partsToProto(id)).finish();
}

/** A value wrapped as the only field of a message; a default value is nothing at all. */
const wrapped = (value: Uint8Array): Uint8Array => createProtoWriter().bytes(1, value).finish();

/** The hash that names a block. @see CometBFT v0.38 types/block.go, Header.Hash */
export function headerHash(crypto: Crypto, header: ConsensusHeader): Uint8Array {
  return merkleRoot(crypto, [
    createProtoWriter().varint(1, header.versionBlock).varint(2, header.versionApp).finish(),
    wrapped(utf8ToBytes(header.chainId)),
    createProtoWriter().varint(1, header.height).finish(),
    timeToProto(header.time),
    blockIdToProto(header.lastBlockId),
    wrapped(header.lastCommitHash),
    wrapped(header.dataHash),
    wrapped(header.validatorsHash),
    wrapped(header.nextValidatorsHash),
    wrapped(header.consensusHash),
    wrapped(header.appHash),
    wrapped(header.lastResultsHash),
    wrapped(header.evidenceHash),
    wrapped(header.proposerAddress),
  ]);
}
