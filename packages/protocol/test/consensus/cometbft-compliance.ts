import { readFileSync } from 'node:fs';
import { hexToBytes } from '@cairn/core';
import type { BlockId, ConsensusTime, LightBlock } from '../../src/index.ts';

/**
 * Heights of a chain that CometBFT v0.38.25 made with four validators and its own `kvstore`: all vote; then one gets
 * seven times the power and another is killed, so that later heights have absent votes and votes for no block.
 */
const FILE = new URL('./cometbft-blocks.json', import.meta.url);

const hex = (text: string): Uint8Array => hexToBytes(text.toLowerCase());
const base64 = (text: string | null): Uint8Array => new Uint8Array(Buffer.from(text ?? '', 'base64'));
const FLAGS = { 1: 'absent', 2: 'commit', 3: 'nil' } as const;

function timeOf(text: string): ConsensusTime {
  const [, whole, fraction = ''] = /^(.*?)(?:\.(\d+))?Z$/.exec(text)!;
  const seconds = Date.parse(`${whole}Z`) / 1_000;
  return seconds < 0
    ? { seconds: 0n, nanos: 0 }
    : { seconds: BigInt(seconds), nanos: Number(fraction.padEnd(9, '0')) };
}

// biome-ignore lint/suspicious/noExplicitAny: JSON of another program
type Json = any;
const blockIdOf = ({ hash, parts }: Json): BlockId => ({
  hash: hex(hash),
  partsTotal: parts.total,
  partsHash: hex(parts.hash),
});

function lightBlockOf({ signed_header: { header, commit }, validators }: Json): LightBlock {
  return {
    header: {
      versionBlock: BigInt(header.version.block),
      versionApp: BigInt(header.version.app ?? 0),
      chainId: header.chain_id,
      height: BigInt(header.height),
      time: timeOf(header.time),
      lastBlockId: blockIdOf(header.last_block_id),
      lastCommitHash: hex(header.last_commit_hash),
      dataHash: hex(header.data_hash),
      validatorsHash: hex(header.validators_hash),
      nextValidatorsHash: hex(header.next_validators_hash),
      consensusHash: hex(header.consensus_hash),
      appHash: hex(header.app_hash),
      lastResultsHash: hex(header.last_results_hash),
      evidenceHash: hex(header.evidence_hash),
      proposerAddress: hex(header.proposer_address),
    },
    commit: {
      height: BigInt(commit.height),
      round: commit.round,
      blockId: blockIdOf(commit.block_id),
      signatures: commit.signatures.map((entry: Json) => ({
        flag: FLAGS[entry.block_id_flag as 1 | 2 | 3],
        validatorAddress: hex(entry.validator_address),
        time: timeOf(entry.timestamp),
        signature: base64(entry.signature),
      })),
    },
    validators: validators.map((entry: Json) => ({
      publicKey: base64(entry.pub_key.value),
      power: BigInt(entry.voting_power),
    })),
  };
}

/** Ascending by height. */
export function recordedBlocks(): LightBlock[] {
  return (JSON.parse(readFileSync(FILE, 'utf8')).blocks as Json[]).map(lightBlockOf);
}
