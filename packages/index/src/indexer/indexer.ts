import { setImmediate } from 'node:timers/promises';
import { CairnError, type CancelSignal, type Logger } from '@cairn/core';
import type { BlockView, LedgerReader } from '@cairn/protocol';
import type { DatabaseKind, IndexConnection } from '../database/connection.ts';
import { IndexError } from '../errors.ts';
import { addBlockRows, type BlockRows, noRows } from '../projections/block-rows.ts';
import { cutBack, openProgress, type Progress, restart, writeBlocks } from './write.ts';

export interface IndexerParts {
  readonly ledger: LedgerReader;
  readonly connection: IndexConnection;
  readonly log: Logger;
}

export interface IndexerOptions {
  /** Most blocks written at once. @default 50 */
  readonly batchBlocks?: number;
  /** A batch ends with the block in which it reaches this many events. @default 250 */
  readonly batchEvents?: number;
}

export interface IndexStatus {
  readonly database: DatabaseKind;
  /** Where the database is, without a password. */
  readonly place: string;
  readonly chainId: string;
  /** Last indexed height; 0 before the first, null before the database was read. */
  readonly height: number | null;
  readonly chainHeight: number;
  readonly isFollowing: boolean;
  /** Why it stopped; null while nothing is wrong. */
  readonly failure: { readonly code: string; readonly message: string } | null;
}

/** Writes history as blocks are made. One may follow at a time. */
export interface Indexer {
  status(): Promise<IndexStatus>;
  /**
   * Indexes every block from the last indexed height on, each exactly once, until the signal.
   *
   * @throws IndexError `INDEX_WRONG_CHAIN`, `INDEX_CHAIN_CHANGED`, `INDEX_AHEAD`, `INDEX_BLOCK_MISSING`,
   * `INDEX_WRITER_CONFLICT`, `INDEX_EVENT_MALFORMED`, `INDEX_BLOCK_TOO_FULL`, `INDEX_DATABASE_TOO_NEW`
   */
  follow(signal: CancelSignal): Promise<void>;
  /** Indexes the blocks there are and returns the height. Throws as `follow`. */
  catchUp(signal?: CancelSignal): Promise<number>;
  /**
   * Forgets everything above a height, to be indexed again; from 0 everything, of whatever chain it was. Nobody may
   * follow meanwhile.
   *
   * @throws IndexError `INDEX_HEIGHT_INVALID`
   */
  cutBack(height: number): Promise<void>;
}

export function createIndexer(
  { ledger, connection, log }: IndexerParts,
  options: IndexerOptions = {},
): Indexer {
  const { batchBlocks = 50, batchEvents = 250 } = options;
  const { chainId } = ledger;
  let progress: Progress | null = null;
  let isFollowing = false;
  let failure: IndexStatus['failure'] = null;

  async function blockAt(height: number): Promise<BlockView> {
    let cause: unknown;
    try {
      const block = await ledger.block(height);
      if (block !== null) return block;
    } catch (error) {
      // A node that began from a snapshot says so; what it is asked for it will never have.
      if (!(error instanceof CairnError) || error.code !== 'BLOCK_NOT_KEPT') throw error;
      cause = error;
    }
    throw new IndexError(
      { code: 'INDEX_BLOCK_MISSING', height },
      `The node has no block ${height}, which the index needs next: balances are told from the first block on. Index from a node that has all blocks, and set indexDatabase to off on one that began from a snapshot.`,
      cause === undefined ? {} : { cause },
    );
  }

  /** Where to go on. Looks whether the chain is the one that was indexed, up to the last block of it. */
  async function resume(): Promise<Progress> {
    const found = await openProgress(connection, chainId);
    if (found.chainId !== chainId) throw wrongChain(found.chainId, chainId);
    const { height: chainHeight } = await ledger.status();
    if (found.height > chainHeight) throw ahead(found.height, chainHeight);
    if (found.height > 0) {
      const { header } = await blockAt(found.height);
      if (header.hash !== found.hash) throw chainChanged(found, header.hash);
    }
    return found;
  }

  /** Writes one batch. The rows of a block and that it is indexed are one commit. */
  async function indexBatch(from: Progress, latest: number): Promise<Progress> {
    const rows: BlockRows = noRows();
    let previous = from.hash;
    for (let height = from.height + 1; height <= latest; height++) {
      const block = await blockAt(height);
      if (height > 1 && block.header.previousHash !== previous)
        throw chainChanged({ height: height - 1, hash: previous }, block.header.previousHash);
      addBlockRows(rows, block);
      previous = block.header.hash;
      if (rows.blocks.length >= batchBlocks || rows.events.length >= batchEvents) break;
    }
    return writeBlocks(connection, from, rows);
  }

  async function catchUp(signal?: CancelSignal): Promise<number> {
    let at = progress ?? (await resume());
    progress = at;
    for (;;) {
      const { height: latest } = await ledger.status();
      while (at.height < latest && signal?.aborted !== true) {
        at = await indexBatch(at, latest);
        progress = at;
        // SQLite works on this thread: others have their turn between two batches.
        await setImmediate();
      }
      if (signal?.aborted === true || at.height >= latest) return at.height;
    }
  }

  return {
    async status() {
      const { height: chainHeight } = await ledger.status();
      return {
        database: connection.kind,
        place: connection.place,
        chainId,
        height: progress?.height ?? null,
        chainHeight,
        isFollowing,
        failure,
      };
    },
    catchUp,
    async follow(signal) {
      isFollowing = true;
      failure = null;
      progress = null;
      try {
        const reached = await catchUp(signal);
        log.debug('index caught up', { height: reached });
        const commits = { names: ['chain.committed'], from: reached + 1, signal };
        for await (const { height } of ledger.events(commits)) {
          if (height > (progress as Progress | null)!.height) await catchUp(signal);
        }
      } catch (error) {
        failure = describe(error);
        throw error;
      } finally {
        isFollowing = false;
      }
    },
    async cutBack(height) {
      if (height === 0) {
        progress = await restart(connection, chainId);
      } else {
        const found = await openProgress(connection, chainId);
        if (found.chainId !== chainId) throw wrongChain(found.chainId, chainId);
        if (!Number.isSafeInteger(height) || height < 0 || height > found.height) {
          throw new IndexError(
            { code: 'INDEX_HEIGHT_INVALID', height, latest: found.height },
            `The index can be cut back to a height from 0 to ${found.height}, not ${height}.`,
          );
        }
        progress = await cutBack(connection, found, height);
      }
      failure = null;
      log.info('index cut back', { height });
    },
  };
}

function describe(error: unknown): NonNullable<IndexStatus['failure']> {
  if (error instanceof CairnError) return { code: error.code, message: error.message };
  return { code: 'INDEX_FAILED', message: error instanceof Error ? error.message : String(error) };
}

const AGAIN = 'Index again with ./cairn index rebuild, or choose another database.';

function wrongChain(has: string, given: string): IndexError {
  return new IndexError(
    { code: 'INDEX_WRONG_CHAIN', has, given },
    `The index holds chain ${has}, this node runs ${given}. ${AGAIN}`,
  );
}

function chainChanged({ height, hash }: Pick<Progress, 'height' | 'hash'>, given: string): IndexError {
  return new IndexError(
    { code: 'INDEX_CHAIN_CHANGED', height, has: hash, given },
    `Block ${height} was indexed with hash ${hash}, the chain now says ${given}. ${AGAIN}`,
  );
}

function ahead(height: number, chainHeight: number): IndexError {
  return new IndexError(
    { code: 'INDEX_AHEAD', height, chainHeight },
    `The index is at height ${height}, the chain only at ${chainHeight}: the chain was reset or restored. ${AGAIN}`,
  );
}
