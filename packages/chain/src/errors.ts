import { CairnError } from '@cairn/core';

/** What can go wrong around blocks and their store. Codes never change. */
export type ChainProblem =
  | { code: 'STORE_CORRUPT'; folder: string; reason: string }
  | { code: 'STORE_IN_USE'; folder: string; pid: number }
  | { code: 'STORE_FORMAT_UNKNOWN'; folder: string; found: number; known: number }
  | { code: 'STORE_CLOSED' }
  | { code: 'NO_PERMISSION'; path: string }
  | { code: 'DISK_FULL'; path: string }
  | { code: 'WRONG_CHAIN'; folder: string; found: string; expected: string }
  | { code: 'HEIGHT_UNKNOWN'; height: number; latest: number }
  | { code: 'HEIGHT_TOO_OLD'; height: number; oldest: number }
  | { code: 'BLOCK_NOT_KEPT'; height: number; oldest: number }
  | { code: 'SNAPSHOT_BUSY' }
  | { code: 'SNAPSHOT_TOO_SLOW'; lifeMs: number }
  | { code: 'SNAPSHOT_TOO_LARGE'; what: string }
  | { code: 'QUERY_UNKNOWN'; method: string }
  | { code: 'QUERY_PARAMS_INVALID'; method: string; reason: string }
  | { code: 'CALL_OUT_OF_ORDER'; call: string; reason: string }
  | { code: 'BLOCK_REFUSED'; height: number }
  | { code: 'REPLAY_DIFFERS'; height: number; made: string; recorded: string }
  | { code: 'RECORDING_MALFORMED'; path: string; offset: number; reason: string }
  | { code: 'RECORDING_UNREADABLE'; path: string; reason: string }
  | { code: 'RECORDING_UNFIT'; path: string; recorded: number; height: number }
  | { code: 'CHAIN_NOT_STARTED' }
  | { code: 'ENGINE_STOPPED'; reason: string }
  | { code: 'VERIFIER_FAILED'; reason: string }
  | { code: 'ABCI_FRAME_INVALID'; reason: string }
  | { code: 'ABCI_MESSAGE_INVALID'; reason: string }
  | { code: 'GENESIS_MISMATCH'; what: string }
  | { code: 'NO_VALIDATORS' }
  | { code: 'CONSENSUS_KEY_CHANGED'; path: string }
  | { code: 'COMETBFT_MISSING'; looked: readonly string[] }
  | { code: 'COMETBFT_WRONG_VERSION'; path: string; found: string; wanted: string }
  | { code: 'COMETBFT_UNREACHABLE'; reason: string }
  | { code: 'COMETBFT_STOPPED'; said: readonly string[] }
  | { code: 'CONSENSUS_BEHIND'; home: string; height: number };

export class ChainError extends CairnError<ChainProblem> {
  override readonly name = 'ChainError';
}

/** A store that cannot be trusted, with what a person can do about it. */
export function storeCorrupt(folder: string, reason: string, cause?: unknown): ChainError {
  return new ChainError(
    { code: 'STORE_CORRUPT', folder, reason },
    `The chain store in ${folder} is damaged: ${reason}. Nothing was changed. Restore a backup of the folder; on a local network start afresh with ./cairn up --reset.`,
    cause === undefined ? {} : { cause },
  );
}
