import {
  bytes,
  type Crypto,
  choice,
  concatBytes,
  list,
  struct,
  u8,
  u32,
  u64,
  utf8ToBytes,
  type ValueOf,
} from '@cairn/core';
import {
  blockIdShape,
  blockIdToProto,
  type ConsensusTime,
  consensusTimeShape,
  timeToProto,
} from './block-header.ts';
import { merkleRoot } from './merkle.ts';
import { createProtoWriter, varintBytes } from './proto-writer.ts';

/** Most validators of a set. */
export const MAX_VALIDATORS = 512;

/** What a validator did about a block: was not heard, voted for it, or voted for none. */
const VOTE_FLAGS = ['absent', 'commit', 'nil'] as const;
export type VoteFlag = (typeof VOTE_FLAGS)[number];

export const commitSignatureShape = struct('CommitSignature', {
  flag: choice('flag', VOTE_FLAGS, u8),
  /** 20 bytes; none when absent. */
  validatorAddress: bytes(20),
  /** Zero when absent. */
  time: consensusTimeShape,
  /** 64 bytes; none when absent. */
  signature: bytes(64),
});
export type CommitSignature = ValueOf<typeof commitSignatureShape>;

/** The votes that made a block final, one for each validator in the order of the set. */
export const commitShape = struct('Commit', {
  height: u64,
  round: u32,
  blockId: blockIdShape,
  signatures: list(commitSignatureShape, MAX_VALIDATORS),
});
export type Commit = ValueOf<typeof commitShape>;

const FLAGS: Readonly<Record<VoteFlag, bigint>> = { absent: 1n, commit: 2n, nil: 3n };
const PRECOMMIT = 2n;
/** Time of a vote that is absent: the first second of the year 1, Go's zero. */
const ABSENT_SECONDS = -62_135_596_800n;

/**
 * What a validator signs when it votes for the block of a commit.
 *
 * @see CometBFT v0.38 types/vote.go, VoteSignBytes
 */
export function voteSignBytes(
  chainId: string,
  { height, round, blockId }: Pick<Commit, 'height' | 'round' | 'blockId'>,
  time: ConsensusTime,
): Uint8Array {
  const vote = createProtoWriter()
    .varint(1, PRECOMMIT)
    .fixed64(2, height)
    .fixed64(3, BigInt(round))
    .message(4, blockIdToProto(blockId))
    .message(5, timeToProto(time))
    .bytes(6, utf8ToBytes(chainId))
    .finish();
  return concatBytes(varintBytes(BigInt(vote.length)), vote);
}

/** Hash of the votes, as the next header names it. */
export function commitHash(crypto: Crypto, signatures: readonly CommitSignature[]): Uint8Array {
  return merkleRoot(
    crypto,
    signatures.map(({ flag, validatorAddress, time, signature }) =>
      createProtoWriter()
        .varint(1, FLAGS[flag])
        .bytes(2, validatorAddress)
        .message(3, timeToProto(flag === 'absent' ? { seconds: ABSENT_SECONDS, nanos: 0 } : time))
        .bytes(4, signature)
        .finish(),
    ),
  );
}
