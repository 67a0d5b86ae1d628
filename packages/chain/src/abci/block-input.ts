import type { BlockInput } from '@cairn/ledger';
import type {
  CommitInfo,
  ExtendedCommitInfo,
  Misbehavior,
  RequestFinalizeBlock,
  RequestPrepareProposal,
  RequestProcessProposal,
} from 'cosmjs-types/tendermint/abci/types';
import { MisbehaviorType } from 'cosmjs-types/tendermint/abci/types';
import { BlockIDFlag } from 'cosmjs-types/tendermint/types/validator';
import type { ConsensusKeys } from './consensus-keys.ts';

type AnyBlock = RequestFinalizeBlock | RequestPrepareProposal | RequestProcessProposal;

/** Block time in whole milliseconds, rounded down. Honest votes are a millisecond apart, so it still rises. */
export function timeMsOf({ time }: Pick<AnyBlock, 'time'>): number {
  return Number(time.seconds) * 1_000 + Math.floor(time.nanos / 1_000_000);
}

/** What the ledger is told of a block that CometBFT proposes or decided. */
export function blockInputOf(
  keys: ConsensusKeys,
  request: RequestFinalizeBlock | RequestProcessProposal,
  txs: readonly Uint8Array[],
): BlockInput {
  const commit = 'decidedLastCommit' in request ? request.decidedLastCommit : request.proposedLastCommit;
  return {
    height: Number(request.height),
    timeMs: timeMsOf(request),
    hash: request.hash.slice(),
    proposer: keys.accountOf(request.proposerAddress),
    votes: votesOf(keys, commit),
    misbehavior: request.misbehavior.map((evidence) => misbehaviorOf(keys, evidence)),
    txs,
  };
}

/** A vote for no block is a vote: only who said nothing did not sign. */
function votesOf(
  keys: ConsensusKeys,
  commit: CommitInfo | ExtendedCommitInfo | undefined,
): BlockInput['votes'] {
  return (commit?.votes ?? []).map(({ validator, blockIdFlag }) => ({
    validator: keys.accountOf(validator.address),
    signed: blockIdFlag === BlockIDFlag.BLOCK_ID_FLAG_COMMIT || blockIdFlag === BlockIDFlag.BLOCK_ID_FLAG_NIL,
  }));
}

function misbehaviorOf(
  keys: ConsensusKeys,
  { type, validator, height }: Misbehavior,
): BlockInput['misbehavior'][number] {
  const kind = type === MisbehaviorType.LIGHT_CLIENT_ATTACK ? 'lightClientAttack' : 'duplicateVote';
  return { validator: keys.accountOf(validator.address), height: Number(height), kind };
}
