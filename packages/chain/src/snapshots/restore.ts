import {
  areBytesEqual,
  bytesToHex,
  CoreError,
  type Crypto,
  createSparseMerkleTree,
  hashStateKey,
  type Logger,
  type SparseMerkleTree,
} from '@cairn/core';
import type { ChunkVerdict, Snapshot, SnapshotOffer } from '../abci/snapshots.ts';
import type { ChainState } from '../store/chain-state.ts';
import { META_KEY, metaToBytes, STATE, STORE_FORMAT } from '../store/records.ts';
import type { ReplaceableStore, Store } from '../store/store.ts';
import {
  CHUNK_BYTES,
  entriesOf,
  MAX_CHUNKS,
  metadataFromBytes,
  SNAPSHOT_FORMAT,
  type SnapshotEntry,
  type SnapshotMetadata,
  snapshotHash,
} from './format.ts';

export interface RestoreParts {
  readonly crypto: Crypto;
  readonly logger: Logger;
  readonly store: ReplaceableStore;
  readonly state: Pick<ChainState, 'meta' | 'adopt'>;
  /** Whether this node may still start from a snapshot: it has made no block of its own. */
  readonly isWanted: () => boolean;
  /** Told when the state of a height has become that of this node. */
  readonly onRestored: (height: number) => void;
}

/** A state that comes in pieces. Nothing of it is in use before all of it is there and has the trusted root. */
export interface Restore {
  offer(snapshot: Snapshot, appHash: Uint8Array): Promise<SnapshotOffer>;
  apply(index: number, chunk: Uint8Array, sender: string): Promise<ChunkVerdict>;
}

/** What has come of a snapshot so far. */
interface Incoming {
  readonly metadata: SnapshotMetadata;
  readonly aside: Store;
  readonly tree: SparseMerkleTree;
  /** The piece that comes next. */
  next: number;
  lastKey: string;
}

/** Room for a tree is made for as many keys at first: how many there are is known when they have come. */
const MAX_FIRST_KEYS = 1_048_576n;
const ZERO = new Uint8Array(32);

export function createRestore(parts: RestoreParts): Restore {
  const { crypto, logger, store, state, isWanted, onRestored } = parts;
  let incoming: Incoming | null = null;

  async function drop(): Promise<void> {
    incoming = null;
    await store.dropAside();
  }

  async function rejected(reason: string): Promise<ChunkVerdict> {
    logger.warn('a snapshot was rejected', { height: Number(incoming?.metadata.height ?? 0n), reason });
    await drop();
    return { result: 'rejectSnapshot' };
  }

  /** Why the snapshot cannot be the state of this chain that consensus vouches for; null when it can. */
  function fault(metadata: SnapshotMetadata, snapshot: Snapshot, appHash: Uint8Array): string | null {
    if (!areBytesEqual(snapshotHash(crypto, snapshot.metadata), snapshot.hash))
      return 'its hash is not that of its metadata';
    if (metadata.height !== snapshot.height || metadata.height < 1n) return 'it names two heights';
    if (!areBytesEqual(metadata.chainId, state.meta!.chainId)) return 'it is of another chain';
    if (!areBytesEqual(metadata.appHash, appHash))
      return `its root is ${bytesToHex(metadata.appHash)}, the votes are for ${bytesToHex(appHash)}`;
    const { length } = metadata.chunkHashes;
    if (length < 1 || length > MAX_CHUNKS || length !== snapshot.chunks)
      return `it says ${snapshot.chunks} pieces and has hashes of ${length}`;
    return metadata.stateKeys < 1n ? 'it is empty' : null;
  }

  /** Puts entries into the store aside and into the tree. */
  async function take(from: Incoming, entries: readonly SnapshotEntry[]): Promise<void> {
    await from.aside.write(entries.map(({ key, value }) => ({ key: STATE + key, value })));
    for (const { key, value } of entries) from.tree.update(hashStateKey(crypto, key), crypto.sha256(value));
    from.lastKey = entries.at(-1)?.key ?? from.lastKey;
    from.next += 1;
  }

  /** The whole state is aside: it becomes that of this node if its root is the trusted one. */
  async function finish({ metadata, aside, tree }: Incoming): Promise<ChunkVerdict> {
    const { chainId, height, appHash, stateKeys } = metadata;
    if (BigInt(tree.size) !== stateKeys)
      return rejected(`it has ${tree.size} values and promised ${stateKeys}`);
    const root = tree.commit();
    if (!areBytesEqual(root, appHash)) return rejected(`its values have root ${bytesToHex(root)}`);
    const meta = {
      format: STORE_FORMAT,
      ...{ chainId, height, appHash, stateKeys },
      // Of the block itself nobody vouched to us: the next one tells.
      timeMs: state.meta!.timeMs,
      blockHash: ZERO,
      historyHash: ZERO,
    };
    await aside.write([{ key: META_KEY, value: metaToBytes(crypto, meta) }]);
    await store.adoptAside();
    state.adopt(tree);
    incoming = null;
    logger.info('started from a snapshot', { height: Number(height), keys: Number(stateKeys) });
    onRestored(Number(height));
    return { result: 'accept' };
  }

  return {
    async offer(snapshot, appHash) {
      if (!isWanted()) return 'abort';
      if (snapshot.format !== SNAPSHOT_FORMAT) return 'rejectFormat';
      let metadata: SnapshotMetadata;
      try {
        metadata = metadataFromBytes(snapshot.metadata);
      } catch (error) {
        if (!(error instanceof CoreError)) throw error;
        logger.warn('a snapshot was rejected', { height: Number(snapshot.height), reason: error.message });
        return 'reject';
      }
      const reason = fault(metadata, snapshot, appHash);
      if (reason !== null) {
        logger.warn('a snapshot was rejected', { height: Number(snapshot.height), reason });
        return 'reject';
      }
      await drop();
      const keys = metadata.stateKeys < MAX_FIRST_KEYS ? metadata.stateKeys : MAX_FIRST_KEYS;
      incoming = {
        metadata,
        aside: await store.aside(),
        tree: createSparseMerkleTree(crypto, { capacity: Number(keys) }),
        next: 0,
        lastKey: '',
      };
      logger.info('a snapshot comes in', {
        height: Number(metadata.height),
        keys: Number(metadata.stateKeys),
        pieces: metadata.chunkHashes.length,
      });
      return 'accept';
    },

    async apply(index, chunk, sender) {
      if (incoming === null || index !== incoming.next) return { result: 'abort' };
      const expected = incoming.metadata.chunkHashes[index];
      if (expected === undefined) return { result: 'abort' };
      if (chunk.length > CHUNK_BYTES || !areBytesEqual(crypto.sha256(chunk), expected)) {
        logger.warn('a piece of a snapshot is wrong and is asked for again', { piece: index, sender });
        return { result: 'retry', refetch: [index], rejectSenders: sender === '' ? [] : [sender] };
      }
      const entries = entriesOf(chunk, incoming.lastKey);
      if (entries === null) return rejected(`piece ${index} is no list of values in the order of their keys`);
      await take(incoming, entries);
      return incoming.next < incoming.metadata.chunkHashes.length ? { result: 'accept' } : finish(incoming);
    },
  };
}
