import type { Crypto, Logger } from '@cairn/core';
import type { Timer } from '@cairn/protocol';
import type { Snapshots } from '../abci/snapshots.ts';
import { ChainError } from '../errors.ts';
import type { ChainState } from '../store/chain-state.ts';
import type { ReplaceableStore } from '../store/store.ts';
import { SNAPSHOT_FORMAT, type SnapshotMetadata, snapshotHash } from './format.ts';
import { createRestore } from './restore.ts';
import { openSnapshotFolder } from './snapshot-folder.ts';
import { writeSnapshot } from './write-snapshot.ts';

export interface SnapshotsParts {
  readonly crypto: Crypto;
  readonly logger: Logger;
  readonly timer: Timer;
  readonly store: ReplaceableStore;
  readonly state: Pick<ChainState, 'meta' | 'adopt'>;
  /** Whether this node may still start from a snapshot. */
  readonly isWanted: () => boolean;
  /** Told when the state of a height has become that of this node. */
  readonly onRestored: (height: number) => void;
}

export interface SnapshotsOptions {
  /** Folder of the snapshots; made if it is not there. */
  readonly folder: string;
  /** Blocks between two snapshots; 0: only on request. @default 1_000 */
  readonly interval?: number;
  /** @default 2 */
  readonly keep?: number;
  /** Longest that one may take: the database grows meanwhile, as no room that it reads is used again. @default 600_000 */
  readonly lifeMs?: number;
}

/** What a snapshot that was taken is. */
export interface TakenSnapshot {
  readonly height: number;
  readonly stateKeys: number;
  readonly pieces: number;
}

/** Snapshots of this node: those it makes and serves, and the one it starts from. */
export interface NodeSnapshots extends Snapshots {
  /** A block is on disk. Begins a snapshot when one is due; does not wait for it. */
  committed(height: number): void;
  /** Takes one of the last block now. @throws ChainError `CHAIN_NOT_STARTED`, `SNAPSHOT_BUSY`, `SNAPSHOT_TOO_SLOW` */
  take(): Promise<TakenSnapshot>;
  /** Offers and pieces so far: it stands still when nobody sends any. */
  readonly received: number;
  /** Waits for a snapshot that is being written. */
  close(): Promise<void>;
}

/** Blocks that must follow before others can check a snapshot: votes for its root and for those who vote next. */
const PROVEN_AFTER = 2n;

export const DEFAULT_INTERVAL = 1_000;
export const DEFAULT_KEEP = 2;
const DEFAULT_LIFE_MS = 600_000;

export function openSnapshots(parts: SnapshotsParts, options: SnapshotsOptions): NodeSnapshots {
  const { crypto, logger, timer, store, state } = parts;
  const { folder, interval = DEFAULT_INTERVAL, keep = DEFAULT_KEEP } = options;
  const { lifeMs = DEFAULT_LIFE_MS } = options;
  const kept = openSnapshotFolder({ crypto, logger }, folder, keep);
  const restore = createRestore(parts);
  let writing: Promise<SnapshotMetadata> | null = null;
  let received = 0;

  /** Lets the database go when it takes too long, even while a disk does not answer. */
  async function write(): Promise<SnapshotMetadata> {
    const frozen = store.freeze();
    let isLate = false;
    const cancel = timer.schedule(lifeMs, () => {
      isLate = true;
      frozen.release();
    });
    try {
      return await writeSnapshot(crypto, frozen, folder);
    } catch (cause) {
      if (!isLate) throw cause;
      throw new ChainError(
        { code: 'SNAPSHOT_TOO_SLOW', lifeMs },
        `The snapshot was not written within ${lifeMs / 1_000} s and was given up, since the database grows meanwhile. The next one is tried when it is due. Give it a faster disk, or more time with snapshotMinutes.`,
        { cause },
      );
    } finally {
      cancel();
    }
  }

  async function take(): Promise<SnapshotMetadata> {
    if (state.meta === null || state.meta.height === 0n) {
      throw new ChainError({ code: 'CHAIN_NOT_STARTED' }, 'There is no block yet to take a snapshot of.');
    }
    if (writing !== null) {
      throw new ChainError(
        { code: 'SNAPSHOT_BUSY' },
        'A snapshot is being written. Ask again when it is done.',
      );
    }
    writing = write().then(async (metadata) => {
      await kept.add(metadata);
      return metadata;
    });
    try {
      return await writing;
    } finally {
      writing = null;
    }
  }

  return {
    get received() {
      return received;
    },
    list() {
      const provable = (state.meta?.height ?? 0n) - PROVEN_AFTER;
      return kept
        .list()
        .filter(({ metadata }) => metadata.height <= provable)
        .map(({ metadata: { height, chunkHashes }, bytes }) => ({
          height,
          format: SNAPSHOT_FORMAT,
          chunks: chunkHashes.length,
          hash: snapshotHash(crypto, bytes),
          metadata: bytes,
        }));
    },
    async load(height, format, chunk) {
      const found = format === SNAPSHOT_FORMAT ? await kept.load(height, chunk) : null;
      return found ?? new Uint8Array(0);
    },
    offer(snapshot, appHash) {
      received += 1;
      return restore.offer(snapshot, appHash);
    },
    async apply(index, chunk, sender) {
      received += 1;
      // The last piece replaces the store that it reads.
      await writing?.catch(() => undefined);
      return restore.apply(index, chunk, sender);
    },
    committed(height) {
      if (interval === 0 || height % interval !== 0 || writing !== null) return;
      take().then(
        ({ stateKeys, chunkHashes }) =>
          logger.info('snapshot taken', { height, keys: Number(stateKeys), pieces: chunkHashes.length }),
        // Blocks go on: the next one is due in a while.
        (error: Error) => logger.error('no snapshot was taken', { height, reason: error.message }),
      );
    },
    async take() {
      const { height, stateKeys, chunkHashes } = await take();
      return { height: Number(height), stateKeys: Number(stateKeys), pieces: chunkHashes.length };
    },
    async close() {
      await writing?.catch(() => undefined);
    },
  };
}
