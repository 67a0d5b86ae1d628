import { hexToBytes } from '@cairn/core';
import {
  type BlockId,
  type CommitSignature,
  type ConsensusTime,
  type ConsensusValidator,
  type LightBlock,
  MAX_VALIDATORS,
} from '@cairn/protocol';
import type { LightBlocks } from '../blocks/light-blocks.ts';
import { ChainError } from '../errors.ts';
import type { CometAnswer, CometRpc } from './rpc.ts';

interface BlockIdJson {
  readonly hash: string;
  readonly parts: { readonly total: number; readonly hash: string };
}

interface CommitJson {
  readonly signed_header: {
    readonly header: {
      readonly version: { readonly block: string; readonly app?: string };
      readonly chain_id: string;
      readonly height: string;
      readonly time: string;
      readonly last_block_id: BlockIdJson;
      readonly last_commit_hash: string;
      readonly data_hash: string;
      readonly validators_hash: string;
      readonly next_validators_hash: string;
      readonly consensus_hash: string;
      readonly app_hash: string;
      readonly last_results_hash: string;
      readonly evidence_hash: string;
      readonly proposer_address: string;
    };
    readonly commit: {
      readonly height: string;
      readonly round: number;
      readonly block_id: BlockIdJson;
      readonly signatures: readonly {
        readonly block_id_flag: 1 | 2 | 3;
        readonly validator_address: string;
        readonly timestamp: string;
        readonly signature: string | null;
      }[];
    };
  } | null;
}

interface ValidatorsJson {
  readonly total: string;
  readonly validators: readonly {
    readonly pub_key: { readonly value: string };
    readonly voting_power: string;
  }[];
}

const FLAGS = { 1: 'absent', 2: 'commit', 3: 'nil' } as const;
/** Most that CometBFT lists on one page. */
const PAGE = 100;

/** What CometBFT keeps of each block besides its transactions. */
export function createCometLightBlocks(rpc: CometRpc): LightBlocks {
  async function validatorsAt(height: string): Promise<ConsensusValidator[]> {
    const found: ConsensusValidator[] = [];
    for (let page = 1; found.length < MAX_VALIDATORS; page++) {
      const params = { height, page: String(page), per_page: String(PAGE) };
      const { total, validators } = resultOf(await rpc.call<ValidatorsJson>('validators', params));
      for (const { pub_key, voting_power } of validators)
        found.push({ publicKey: fromBase64(pub_key.value), power: BigInt(voting_power) });
      if (validators.length === 0 || found.length >= Number(total)) break;
    }
    return found;
  }

  return {
    async at(height) {
      if (height !== null && !(Number.isSafeInteger(height) && height > 0)) return null;
      const params = height === null ? {} : { height: String(height) };
      const answer = await rpc.call<CommitJson | null>('commit', params);
      const lowest = answer.ok ? null : LOWEST_HEIGHT.exec(answer.message);
      if (lowest !== null && height !== null) throw pruned(height, Number(lowest[1]));
      // A height that is to come.
      if (!answer.ok && NO_SUCH_HEIGHT.test(answer.message)) return null;
      const signed = resultOf(answer)?.signed_header ?? null;
      if (signed === null) return null;
      return lightBlockOf(signed, await validatorsAt(signed.header.height));
    },
  };
}

const NO_SUCH_HEIGHT = /height \S+ (must be|is not available)|not found/;
const LOWEST_HEIGHT = /lowest height is (\d+)/;

function pruned(height: number, oldest: number): ChainError {
  return new ChainError(
    { code: 'BLOCK_NOT_KEPT', height, oldest },
    `Header and votes of block ${height} are not kept here: this node has them from ${oldest} on. Ask a node that has all, or begin from a later one.`,
  );
}

function resultOf<T>(answer: CometAnswer<T>): T {
  if (answer.ok) return answer.result;
  throw new ChainError(
    { code: 'COMETBFT_UNREACHABLE', reason: answer.message },
    `CometBFT does not say what is asked: ${answer.message}. Try again in a moment.`,
  );
}

function lightBlockOf(
  { header, commit }: NonNullable<CommitJson['signed_header']>,
  validators: ConsensusValidator[],
): LightBlock {
  return {
    header: {
      versionBlock: BigInt(header.version.block),
      versionApp: BigInt(header.version.app ?? 0),
      chainId: header.chain_id,
      height: BigInt(header.height),
      time: timeOf(header.time),
      lastBlockId: blockIdOf(header.last_block_id),
      lastCommitHash: fromHex(header.last_commit_hash),
      dataHash: fromHex(header.data_hash),
      validatorsHash: fromHex(header.validators_hash),
      nextValidatorsHash: fromHex(header.next_validators_hash),
      consensusHash: fromHex(header.consensus_hash),
      appHash: fromHex(header.app_hash),
      lastResultsHash: fromHex(header.last_results_hash),
      evidenceHash: fromHex(header.evidence_hash),
      proposerAddress: fromHex(header.proposer_address),
    },
    commit: {
      height: BigInt(commit.height),
      round: commit.round,
      blockId: blockIdOf(commit.block_id),
      signatures: commit.signatures.map(
        (entry): CommitSignature => ({
          flag: FLAGS[entry.block_id_flag],
          validatorAddress: fromHex(entry.validator_address),
          time: timeOf(entry.timestamp),
          signature: fromBase64(entry.signature ?? ''),
        }),
      ),
    },
    validators,
  };
}

const fromHex = (text: string): Uint8Array => hexToBytes(text.toLowerCase());
const fromBase64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

const blockIdOf = ({ hash, parts }: BlockIdJson): BlockId => ({
  hash: fromHex(hash),
  partsTotal: parts.total,
  partsHash: fromHex(parts.hash),
});

/** RFC 3339 with nanoseconds. Go's zero time, of votes that are absent, is our zero. */
function timeOf(text: string): ConsensusTime {
  const [, whole, fraction = ''] = /^(.*?)(?:\.(\d+))?Z$/.exec(text) ?? [];
  const seconds = Date.parse(`${whole}Z`) / 1_000;
  return seconds < 0
    ? { seconds: 0n, nanos: 0 }
    : { seconds: BigInt(seconds), nanos: Number(fraction.padEnd(9, '0')) };
}
