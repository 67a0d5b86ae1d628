import { areBytesEqual, bytesToHex, type Crypto } from '@cairn/core';
import type { Genesis } from '@cairn/ledger';
import type { Timer } from '@cairn/protocol';
import { blockInputOf } from '../abci/block-input.ts';
import { createConsensusKeys } from '../abci/consensus-keys.ts';
import { readRecording, recordingMalformed } from '../abci/record.ts';
import { headerAfter } from '../blocks/header.ts';
import { ChainError } from '../errors.ts';
import { openBase } from '../open-base.ts';
import { createMemoryStore } from '../store/memory-store.ts';
import { driveBlock } from './drive-block.ts';

export interface ReplayRecordedOptions {
  readonly genesis: Genesis;
  /** What `recordBlocksTo` wrote. */
  readonly path: string;
  /** Last height to replay. @default all: also a block that was decided and never committed */
  readonly lastHeight?: number;
  /** Told after each block. */
  readonly onBlock?: (height: number) => void;
}

export interface RecordedReplay {
  readonly blocks: number;
  readonly transactions: number;
  /** Root of the state after the last block. */
  readonly appHash: Uint8Array;
  /** Byte at which a last record begins that was cut off, as a node that is killed leaves it; null when all are whole. */
  readonly cutOffAt: number | null;
}

/**
 * Executes the blocks that CometBFT decided by the driver of the solo engine, from the genesis and in memory, and
 * compares the root of each with the one that CometBFT was told.
 *
 * @throws ChainError `REPLAY_DIFFERS` at the first height whose root is another; `RECORDING_MALFORMED`
 */
export async function replayRecorded(
  { crypto }: { readonly crypto: Crypto },
  { genesis, path, onBlock, lastHeight = Number.POSITIVE_INFINITY }: ReplayRecordedOptions,
): Promise<RecordedReplay> {
  const folder = 'memory';
  const base = await openBase(
    { crypto, timer: NEVER, store: createMemoryStore() },
    { folder, genesis, undoBlocks: 1 },
  );
  const { application, blockLog, state } = base;
  try {
    const keys = createConsensusKeys(crypto, state);
    let transactions = 0;
    const recording = readRecording(path);
    for await (const { request, appHash, offset } of recording) {
      if (request.height > lastHeight) break;
      const block = blockInputOf(keys, request, request.txs);
      const named = { header: headerAfter(crypto, application.info(), block), seal: null };
      const made = await driveBlock({ application, blockLog }, block, named).catch((cause: unknown) => {
        if (!isRefused(cause)) throw cause;
        // No validator votes for such a block.
        const reason = `block ${block.height} breaks a limit, or does not follow the one before`;
        throw recordingMalformed(path, offset, reason, cause);
      });
      if (!areBytesEqual(made.appHash, appHash)) throw differs(block.height, made.appHash, appHash);
      transactions += block.txs.length;
      onBlock?.(block.height);
    }
    const { height, appHash } = application.info();
    if (height === 0) throw recordingMalformed(path, 0, 'it holds no whole block');
    const { wholeBytes, sizeBytes } = recording;
    const cutOffAt = height < lastHeight && sizeBytes > wholeBytes ? wholeBytes : null;
    return { blocks: height, transactions, appHash, cutOffAt };
  } finally {
    await base.close();
  }
}

/** Nothing waits in a replay. */
const NEVER: Timer = { schedule: () => () => undefined };

function differs(height: number, made: Uint8Array, recorded: Uint8Array): ChainError {
  const roots = { made: bytesToHex(made), recorded: bytesToHex(recorded) };
  return new ChainError(
    { code: 'REPLAY_DIFFERS', height, ...roots },
    `Block ${height} ends in root ${roots.made}, CometBFT was told ${roots.recorded}. The two were made by different rules, or the recording was changed.`,
  );
}

const isRefused = (error: unknown): boolean =>
  error instanceof ChainError && error.problem.code === 'BLOCK_REFUSED';
