import { account, bytes32, type Crypto, fixedBytes, struct, u64, type ValueOf } from '@cairn/core';
import type { BlockInput } from '@cairn/ledger';
import {
  type ApplicationInfo,
  type BlockId,
  type Commit,
  type ConsensusHeader,
  type ConsensusTime,
  commitHash,
  consensusAddress,
  type LightBlock,
  transactionsHash,
  validatorsHash,
  voteSignBytes,
} from '@cairn/protocol';

/** Raised when blocks mean something else: it is in every header. */
export const APP_VERSION = 1n;
/** Version of the rules for headers and votes in CometBFT v0.38. */
const BLOCK_VERSION = 11n;

/** What the node itself needs of a header, whoever orders the blocks. */
export const headerShape = struct('Header', {
  height: u64,
  /** Consensus time, above the previous block's. Milliseconds since 1970. */
  timeMs: u64,
  /** Zero before the first block. */
  previousHash: bytes32,
  dataHash: bytes32,
  /** Root of the state after the previous block. */
  previousAppHash: bytes32,
  proposer: account,
});
export type Header = ValueOf<typeof headerShape>;

/** The header of a block that follows the last one committed. */
export function headerAfter(
  crypto: Crypto,
  last: Pick<ApplicationInfo, 'blockHash' | 'appHash'>,
  { height, timeMs, txs, proposer }: Omit<BlockInput, 'hash'>,
): Header {
  return {
    height: BigInt(height),
    timeMs: BigInt(timeMs),
    previousHash: last.blockHash,
    dataHash: transactionsHash(crypto, txs),
    previousAppHash: last.appHash,
    proposer,
  };
}

/** The rest of the header of a solo chain, and the one vote for it. */
export const sealShape = struct('Seal', {
  lastCommitHash: bytes32,
  lastResultsHash: bytes32,
  /** The operator's key. */
  publicKey: bytes32,
  signature: fixedBytes(64),
});
export type Seal = ValueOf<typeof sealShape>;
/** A header before its vote. */
export type Unsigned = Omit<Seal, 'signature'>;

const NONE = new Uint8Array();
const NO_BLOCK: BlockId = { hash: NONE, partsTotal: 0, partsHash: NONE };

function consensusTime(timeMs: bigint): ConsensusTime {
  return { seconds: timeMs / 1_000n, nanos: Number(timeMs % 1_000n) * 1_000_000 };
}

/** Nobody is sent the parts of a solo block: in their place the hash of the header stands once more. */
function blockIdOf(hash: Uint8Array): BlockId {
  return { hash, partsTotal: 1, partsHash: hash };
}

const operatorSet = (publicKey: Uint8Array) => [{ publicKey, power: 1n }];

/** The header of CometBFT that a solo chain of one validator has. */
export function soloHeader(
  crypto: Crypto,
  chainId: string,
  header: Header,
  { lastCommitHash, lastResultsHash, publicKey }: Unsigned,
): ConsensusHeader {
  // Parameters of consensus and evidence are left to the ledger.
  const nothing = crypto.sha256(NONE);
  const set = validatorsHash(crypto, operatorSet(publicKey));
  return {
    versionBlock: BLOCK_VERSION,
    versionApp: APP_VERSION,
    chainId,
    height: header.height,
    time: consensusTime(header.timeMs),
    lastBlockId: header.height === 1n ? NO_BLOCK : blockIdOf(header.previousHash),
    lastCommitHash,
    dataHash: header.dataHash,
    validatorsHash: set,
    nextValidatorsHash: set,
    consensusHash: nothing,
    appHash: header.previousAppHash,
    lastResultsHash,
    evidenceHash: nothing,
    proposerAddress: consensusAddress(crypto, publicKey),
  };
}

/** What the operator of a solo chain signs: a vote for the block, as validators sign it. */
export function soloSignBytes(chainId: string, hash: Uint8Array, { height, timeMs }: Header): Uint8Array {
  return voteSignBytes(chainId, { height, round: 0, blockId: blockIdOf(hash) }, consensusTime(timeMs));
}

function soloCommit(
  crypto: Crypto,
  header: Header,
  hash: Uint8Array,
  { publicKey, signature }: Seal,
): Commit {
  return {
    height: header.height,
    round: 0,
    blockId: blockIdOf(hash),
    signatures: [
      {
        flag: 'commit',
        validatorAddress: consensusAddress(crypto, publicKey),
        time: consensusTime(header.timeMs),
        signature,
      },
    ],
  };
}

/** Hash of the one vote for a block, as the next header names it. */
export function soloCommitHash(crypto: Crypto, header: Header, hash: Uint8Array, seal: Seal): Uint8Array {
  return commitHash(crypto, soloCommit(crypto, header, hash, seal).signatures);
}

/** All that a light client needs of a solo block. */
export function soloLightBlock(
  crypto: Crypto,
  chainId: string,
  { header, hash, seal }: { readonly header: Header; readonly hash: Uint8Array; readonly seal: Seal },
): LightBlock {
  return {
    header: soloHeader(crypto, chainId, header, seal),
    commit: soloCommit(crypto, header, hash, seal),
    validators: operatorSet(seal.publicKey),
  };
}
