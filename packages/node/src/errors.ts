import { CairnError } from '@cairn/core';

export type NodeProblem =
  | { code: 'CONFIG_UNKNOWN_KEY'; key: string; nearest: string | null }
  | { code: 'CONFIG_INVALID'; key: string; value: string }
  | { code: 'DATA_FOLDER_IN_USE'; path: string; pid: number }
  | { code: 'DATA_FOLDER_NOT_WRITABLE'; path: string }
  | { code: 'DATA_FOLDER_MALFORMED'; path: string }
  | { code: 'DISK_FULL'; path: string }
  | { code: 'WRONG_CHAIN'; path: string }
  | { code: 'PORT_TAKEN'; port: number }
  | { code: 'KEY_FILE_MALFORMED'; path: string }
  | { code: 'KEY_FILE_READABLE'; path: string }
  | { code: 'NODE_UNREACHABLE'; address: string }
  | { code: 'NETWORK_MISSING' }
  | { code: 'HUB_UNKNOWN'; hub: string }
  | { code: 'NO_FUNDS'; address: string }
  | { code: 'MODEL_DIFFERS'; model: string }
  | { code: 'START_FAILED'; step: string }
  | { code: 'GENESIS_MISSING'; path: string }
  | { code: 'NODE_EXISTS'; path: string }
  | { code: 'PEER_MALFORMED'; peer: string }
  | { code: 'STATE_SYNC_MALFORMED'; what: string }
  | { code: 'NO_RECORDING'; engine: string }
  | { code: 'NO_SNAPSHOTS'; engine: string }
  | { code: 'COMETBFT_NOT_BUILT'; exitCode: number | null; said: readonly string[] }
  | { code: 'INDEX_UNAVAILABLE'; reason: string }
  | { code: 'INDEX_OFF' }
  | { code: 'AUDIT_IMPOSSIBLE'; reason: string }
  | { code: 'ANSWER_TOO_LARGE'; provider: string; task: number }
  | { code: 'DEPLOYMENT_UNKNOWN'; deployment: string }
  | { code: 'DEPLOYMENT_INVALID'; reason: string }
  | { code: 'CALL_TOO_DEAR'; most: bigint; could: bigint }
  | { code: 'NOT_LEASED'; deployment: string }
  | { code: 'DATASET_REFUSED'; reason: string }
  | { code: 'DATASET_UNKNOWN'; dataset: string }
  | { code: 'DATASET_TOO_DEAR'; most: bigint; needs: bigint }
  | { code: 'DATASET_BAD_CHUNK'; dataset: string; index: number; proof: string }
  | { code: 'NO_BIDS'; order: string; waitMs: number; refusal: string | null }
  | { code: 'FUNCTION_BUSY'; queued: number; maxQueued: number }
  | { code: 'BLOB_CORRUPT'; id: string }
  | { code: 'BLOB_TOO_LARGE'; sizeBytes: number; limitBytes: number }
  | { code: 'RUN_UNKNOWN'; run: string }
  | { code: 'CHECKPOINT_UNKNOWN'; run: string; round: number }
  | { code: 'PARENT_NOT_RELEASED'; run: string; round: number }
  | { code: 'PARENT_OUT_OF_REACH'; run: string; round: number; reason: string }
  | { code: 'PARENT_MALFORMED'; run: string; round: number; reason: string }
  | { code: 'LICENCE_REFUSED'; licence: string }
  | { code: 'ROYALTIES_TOO_HIGH'; bps: number; mostBps: number }
  | { code: 'THREAD_FAILED'; cause: string | null; reason: string }
  | { code: 'LIBRARY_FULL'; run: string; sizeBytes: number; limitBytes: number }
  | { code: 'ENGINE_NOT_INSTALLED'; engine: string; platform: string }
  | { code: 'ENGINE_TOO_OLD'; engine: string; version: string; least: string }
  | { code: 'ENGINE_NOT_STARTED'; engine: string; said: readonly string[] }
  | { code: 'BLOB_NOT_FETCHED'; id: string; peer: string; reason: string };

export class NodeError extends CairnError<NodeProblem> {
  override readonly name = 'NodeError';
}
