import { bytesToHex, type Crypto, stateProof } from '@cairn/core';
import { type Genesis, parseTransaction } from '@cairn/ledger';
import {
  type Application,
  type LedgerReader,
  type LedgerStatus,
  type LedgerWriter,
  lightBlockShape,
  type SubmitResult,
} from '@cairn/protocol';
import type { BlockLog, LoggedBlock } from '../blocks/block-log.ts';
import type { LightBlocks } from '../blocks/light-blocks.ts';
import { ChainError, storeCorrupt } from '../errors.ts';
import { type CommitSignal, eventStream } from './event-stream.ts';
import { type Inclusions, includedResult } from './inclusions.ts';
import { blockView, transactionView } from './views.ts';

/** Where transactions wait for a block. */
export interface WaitingRoom {
  submit(transaction: Uint8Array): Promise<SubmitResult>;
  waiting(): Promise<{ readonly count: number; readonly sizeBytes: number }>;
}

export interface LocalLedgerParts {
  readonly engine: LedgerStatus['engine'];
  readonly application: Application;
  readonly blockLog: BlockLog;
  readonly lightBlocks: LightBlocks;
  readonly waitingRoom: WaitingRoom;
  readonly commits: CommitSignal;
  readonly inclusions: Inclusions;
  readonly crypto: Crypto;
  readonly genesis: Genesis;
  readonly stateKeys: () => number;
  readonly folder: string;
}

function blockNotKept(height: number, oldest: number): ChainError {
  return new ChainError(
    { code: 'BLOCK_NOT_KEPT', height, oldest },
    `Block ${height} is not kept here: this node began from a snapshot and has blocks from ${oldest} on. Ask a node that has all.`,
  );
}

/** How long `submitAndWait` waits unless told. */
const WAIT_MS = 30_000;

/** The ledger's reader and writer in the process that executes the blocks. */
export function createLocalLedger(parts: LocalLedgerParts): LedgerReader & LedgerWriter {
  const { engine, application, blockLog, waitingRoom, commits, inclusions, crypto } = parts;
  const { genesis, stateKeys, folder, lightBlocks } = parts;
  const chainId = bytesToHex(application.info().chainId!);

  function read(height: number): LoggedBlock {
    const block = blockLog.read(height);
    if (block !== null) return block;
    const oldest = blockLog.oldest();
    if (height < oldest) throw blockNotKept(height, oldest);
    throw storeCorrupt(folder, `block ${height} of its log is missing`);
  }

  /** A committed block by number, not yet by anything that is still being written. */
  function committedBlock(height: number): LoggedBlock | null {
    const isCommitted = Number.isSafeInteger(height) && height > 0 && height <= application.info().height;
    return isCommitted ? read(height) : null;
  }

  function includedAlready(id: string) {
    const place = blockLog.find(id);
    if (place === null) return null;
    const result = includedResult(read(place.height), place.index);
    // What could not run took no nonce: sent again, it may run now.
    return result.transaction!.ok || result.transaction!.fee !== '0' ? result : null;
  }

  return {
    chainId,
    async status(): Promise<LedgerStatus> {
      const { count, sizeBytes } = await waitingRoom.waiting();
      const { height, timeMs, blockHash, appHash } = application.info();
      return {
        chainId,
        name: genesis.name,
        kind: genesis.kind,
        engine,
        height,
        oldestBlock: blockLog.oldest(),
        timeMs,
        blockHash: bytesToHex(blockHash),
        appHash: bytesToHex(appHash),
        waiting: count,
        waitingBytes: sizeBytes,
        stateKeys: stateKeys(),
      };
    },
    async query<T>(method: string, params: unknown) {
      return application.query(method, params).value as T;
    },
    async block(at = application.info().height) {
      const height = typeof at === 'number' ? at : blockLog.heightOfHash(at);
      const block = height === null ? null : committedBlock(height);
      return block === null ? null : blockView(block);
    },
    async transaction(id) {
      const place = blockLog.find(id);
      return place === null ? null : transactionView(read(place.height), place.index);
    },
    async proof(key, height) {
      const answer = application.prove(key, height);
      return {
        key,
        height: answer.height,
        appHash: bytesToHex(answer.appHash),
        value: answer.value === null ? null : bytesToHex(answer.value),
        proof: stateProof.toJson(answer.proof),
      };
    },
    async lightBlock(height) {
      const block = await lightBlocks.at(height ?? null);
      return block === null ? null : lightBlockShape.toJson(block);
    },
    events(filter = {}) {
      const next = application.info().height + 1;
      const { from = next } = filter;
      if (!Number.isSafeInteger(from) || from < 1 || from > next) {
        throw new ChainError(
          { code: 'HEIGHT_UNKNOWN', height: from, latest: next - 1 },
          `Events can start at a height from 1 to ${next}, not ${from}.`,
        );
      }
      const oldest = blockLog.oldest();
      if (from < oldest) throw blockNotKept(from, oldest);
      return eventStream(read, commits, from, filter);
    },
    submit: (transaction) => waitingRoom.submit(transaction),
    async submitAndWait(transaction, timeoutMs = WAIT_MS) {
      const parsed = parseTransaction(crypto, transaction);
      if (!parsed.ok) return { ok: false, id: null, problem: parsed.problem, transaction: null };
      const id = parsed.parsed.id;
      const earlier = includedAlready(id);
      if (earlier !== null) return earlier;
      const included = inclusions.wait(id, timeoutMs);
      const submitted = await waitingRoom.submit(transaction);
      // Refused because it got into a block meanwhile is not refused.
      if (!submitted.ok && includedAlready(id) === null) inclusions.dropped(id, submitted.problem);
      return included;
    },
  };
}
