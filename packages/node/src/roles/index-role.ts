import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CairnError } from '@cairn/core';
import {
  createIndexer,
  type IndexConnection,
  IndexError,
  type Indexer,
  type IndexStatus,
  isPostgresUrl,
  openIndexDatabase,
} from '@cairn/index';
import type { Settings } from '../config/table.ts';
import type { DataFolder } from '../data/data-folder.ts';
import { NodeError } from '../errors.ts';
import { backgroundTask } from './background-task.ts';
import type { NodeParts } from './parts.ts';

export interface IndexRoleOptions {
  /** Path of an SQLite file, which is made with its folder, or a `postgres://` URL. */
  readonly database: string;
  /** Time until a database that did not answer is tried again. @default 10_000 */
  readonly retryMs?: number;
}

/** History for people, from the blocks of this node. Nothing else of the node waits for it. */
export interface IndexRole extends AsyncDisposable {
  status(): Promise<IndexRoleStatus>;
  /**
   * The database, to answer from.
   *
   * @throws NodeError `INDEX_UNAVAILABLE` while it cannot answer, and when what it holds is not this chain
   */
  connection(): IndexConnection;
  /** Forgets everything above a height and goes on from there. @throws NodeError `INDEX_UNAVAILABLE`, IndexError */
  rebuild(height: number): Promise<void>;
}

export type IndexRoleStatus = Omit<IndexStatus, 'database' | 'place'> & {
  readonly database: IndexStatus['database'] | null;
  /** Null until it is open. */
  readonly place: string | null;
};

/** The chain and the database disagree, or the database is not ours: trying again changes nothing. */
function isLasting(error: unknown): boolean {
  return error instanceof IndexError && error.code !== 'INDEX_DATABASE_UNREACHABLE';
}

export function startIndexRole(parts: NodeParts, options: IndexRoleOptions): IndexRole {
  const { ledger } = parts;
  const log = parts.log.child('index');
  let opened: { readonly connection: IndexConnection; readonly indexer: Indexer } | null = null;
  let failure: IndexStatus['failure'] = null;
  let changing: Promise<unknown> = Promise.resolve();

  async function open() {
    if (!isPostgresUrl(options.database)) await mkdir(dirname(options.database), { recursive: true });
    const connection = await openIndexDatabase(options.database);
    return { connection, indexer: createIndexer({ ledger, connection, log }) };
  }

  async function work(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        opened ??= await open();
        failure = null;
        await opened.indexer.follow(signal);
      } catch (error) {
        failure = describe(error);
        if (isLasting(error)) throw error;
        log.warn('index waits for its database', { code: failure.code, message: failure.message });
      }
      await pause(parts, options.retryMs ?? 10_000, signal);
    }
  }

  const start = () => backgroundTask(log, 'index', work);
  let task = start();

  return {
    async status() {
      if (opened !== null) return { ...(await opened.indexer.status()), failure };
      const { chainId, height: chainHeight } = await ledger.status();
      const nowhere = { database: null, place: null, height: null, isFollowing: false };
      return { ...nowhere, chainId, chainHeight, failure };
    },
    connection() {
      if (opened === null || failure !== null) throw unavailable(failure?.code ?? 'INDEX_OPENING');
      return opened.connection;
    },
    rebuild(height) {
      const rebuilt = changing.then(async () => {
        if (opened === null) throw unavailable(failure?.code ?? 'INDEX_OPENING');
        await task[Symbol.asyncDispose]();
        try {
          await opened.indexer.cutBack(height);
          failure = null;
        } finally {
          task = start();
        }
      });
      changing = rebuilt.catch(() => undefined);
      return rebuilt;
    },
    async [Symbol.asyncDispose]() {
      await changing;
      await task[Symbol.asyncDispose]();
      await opened?.connection[Symbol.asyncDispose]();
    },
  };
}

function describe(error: unknown): NonNullable<IndexStatus['failure']> {
  if (error instanceof CairnError) return { code: error.code, message: error.message };
  return { code: 'INDEX_FAILED', message: error instanceof Error ? error.message : String(error) };
}

/** A stranger learns that there is no answer, not where the database is. */
function unavailable(reason: string): NodeError {
  return new NodeError(
    { code: 'INDEX_UNAVAILABLE', reason },
    `The index of this node does not answer now (${reason}). Its operator sees why with ./cairn index status.`,
  );
}

function pause({ timer }: NodeParts, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const cancel = timer.schedule(ms, () => resolve());
    signal.addEventListener(
      'abort',
      () => {
        cancel();
        resolve();
      },
      { once: true },
    );
  });
}

/** Null when there is to be no index. */
export function indexDatabaseOf(
  { indexDatabase }: Pick<Settings, 'indexDatabase'>,
  folder: Pick<DataFolder, 'indexPath'>,
): string | null {
  if (indexDatabase === 'off') return null;
  return indexDatabase === '' ? join(folder.indexPath, 'index.db') : indexDatabase;
}
