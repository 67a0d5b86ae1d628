import {
  areBytesEqual,
  bytesToHex,
  type Crypto,
  createSparseMerkleTree,
  hashStateKey,
  type SparseMerkleTree,
  type StateProof,
} from '@cairn/core';
import type { ListableView, StateChange } from '@cairn/ledger';
import { ChainError, storeCorrupt } from '../errors.ts';
import { createCommittedView } from './committed-view.ts';
import { historyHashAfter, historyHashOf } from './history.ts';
import {
  heightKey,
  heightOfKey,
  META_KEY,
  metaFromBytes,
  metaToBytes,
  openRecord,
  STATE,
  STORE_FORMAT,
  type StoreMeta,
  sealRecord,
  UNDO,
} from './records.ts';
import type { Store, StoreChange } from './store.ts';
import { type UndoEntry, undoFromBytes, undoToBytes } from './undo.ts';

export interface ChainStateParts {
  readonly crypto: Crypto;
  readonly store: Store;
}

export interface ChainStateOptions {
  /** Where the store lies, for messages. */
  readonly folder: string;
  /** Blocks whose old values are kept, for proofs at recent heights. @default 100 */
  readonly undoBlocks?: number;
  /** Values kept in memory, about 300 bytes each for accounts. @default 131_072 */
  readonly cachedValues?: number;
}

/** What a commit is about, besides the staged changes. */
export type CommitPoint = Pick<StoreMeta, 'height' | 'timeMs' | 'blockHash'>;

/** Values on disk, their tree in memory, and the changes of at most one block between the two. */
export interface ChainState {
  /** Of the last commit; null in an empty store. */
  readonly meta: StoreMeta | null;
  /** Committed values. */
  readonly view: ListableView;
  /** Applies a block's changes to the tree, not to the disk. Returns the root. Replaces what was staged before. */
  stage(changes: readonly StateChange[]): Uint8Array;
  /** History entries to write with the next commit; call it after `stage`. */
  stageHistory(changes: readonly StoreChange[]): void;
  /** Writes all that is staged in one transaction. When it throws, nothing was written and it may be tried again. */
  commit(point: CommitPoint): Promise<void>;
  /** Writes the state of height 0. */
  begin(chainId: Uint8Array, timeMs: bigint, changes: readonly StateChange[]): Promise<void>;
  /** Goes on from a store that took the place of the last one, whose values have this tree. */
  adopt(tree: SparseMerkleTree): void;
  /** @throws ChainError `HEIGHT_UNKNOWN`, `HEIGHT_TOO_OLD` */
  prove(key: string, height: number): { appHash: Uint8Array; value: Uint8Array | null; proof: StateProof };
}

const ZERO = new Uint8Array(32);

function readMeta(crypto: Crypto, store: Store, folder: string): StoreMeta | null {
  const sealed = store.get(META_KEY);
  if (sealed === undefined) {
    for (const _ of store.keys(''))
      throw storeCorrupt(folder, 'it holds records but not the one that says of what height');
    return null;
  }
  const meta = metaFromBytes(crypto, sealed);
  if (meta === null) throw storeCorrupt(folder, 'the record of the last height is not what was written');
  if (meta.format !== STORE_FORMAT) {
    throw new ChainError(
      { code: 'STORE_FORMAT_UNKNOWN', folder, found: meta.format, known: STORE_FORMAT },
      meta.format < STORE_FORMAT
        ? `The chain store in ${folder} was made by an older version: it has format ${meta.format}, this version knows ${STORE_FORMAT}. Start afresh with ./cairn up --reset; keys and settings stay.`
        : `The chain store in ${folder} has format ${meta.format}, this version knows ${STORE_FORMAT}. Upgrade.`,
    );
  }
  return meta;
}

function buildTree(crypto: Crypto, store: Store, capacity: number): SparseMerkleTree {
  const tree = createSparseMerkleTree(crypto, { capacity });
  for (const [key, value] of store.entries(STATE)) {
    tree.update(hashStateKey(crypto, key.slice(STATE.length)), crypto.sha256(value));
  }
  return tree;
}

/**
 * Reads a store, rebuilds the tree and compares it, and the hash of all history, with what was committed.
 * Cost: about 5 s for a million keys and 1 s for a million transactions of history.
 *
 * @throws ChainError `STORE_CORRUPT`, `STORE_FORMAT_UNKNOWN`
 */
export function openChainState({ crypto, store }: ChainStateParts, options: ChainStateOptions): ChainState {
  const { folder, undoBlocks = 100, cachedValues = 131_072 } = options;
  let meta = readMeta(crypto, store, folder);
  let tree = buildTree(crypto, store, Number(meta?.stateKeys ?? 0n));
  if (meta !== null) {
    const root = tree.commit();
    if (!areBytesEqual(root, meta.appHash)) {
      throw storeCorrupt(
        folder,
        `its values have root ${bytesToHex(root)}, height ${meta.height} was committed with ${bytesToHex(meta.appHash)}`,
      );
    }
    if (!areBytesEqual(historyHashOf(crypto, store), meta.historyHash)) {
      throw storeCorrupt(folder, `its block log is not the one committed with height ${meta.height}`);
    }
  }
  const view = createCommittedView(store, cachedValues);
  let staged: readonly StateChange[] = [];
  let undo: UndoEntry[] = [];
  let history: StoreChange[] = [];

  const setLeaf = (key: string, value: Uint8Array | null): void =>
    tree.update(hashStateKey(crypto, key), value === null ? null : crypto.sha256(value));

  const revert = (entries: readonly UndoEntry[]): void => {
    for (const { key, value } of entries) setLeaf(key, value);
  };

  function stage(changes: readonly StateChange[]): Uint8Array {
    revert(undo);
    undo = [];
    for (const { key, value } of changes) {
      undo.push({ key, value: view.get(key) ?? null });
      setLeaf(key, value);
    }
    staged = changes;
    history = [];
    return tree.commit();
  }

  function undoOf(height: number): UndoEntry[] {
    const sealed = store.get(heightKey(UNDO, height));
    const record = sealed === undefined ? null : openRecord(crypto, sealed);
    if (record === null) throw storeCorrupt(folder, `the old values of height ${height} cannot be read`);
    return undoFromBytes(record);
  }

  async function write(next: StoreMeta, writes: readonly StoreChange[]): Promise<void> {
    const sealed = { key: META_KEY, value: metaToBytes(crypto, next) };
    const values = staged.map(({ key, value }) => ({ key: STATE + key, value }));
    await view.replace(undo, staged, () => store.write([...values, ...writes, sealed]));
    meta = next;
    staged = [];
    undo = [];
    history = [];
  }

  function* forgotten(height: number): Generator<StoreChange> {
    for (const key of store.keys(UNDO)) {
      if (heightOfKey(key) > height - undoBlocks) return;
      yield { key, value: null };
    }
  }

  /** Old values are kept for blocks that were executed here, and for the latest of them. */
  function oldestProvable(latest: number): number {
    for (const key of store.keys(UNDO)) return Math.max(heightOfKey(key) - 1, latest - undoBlocks);
    return latest;
  }

  return {
    get meta() {
      return meta;
    },
    view,
    stage,
    stageHistory: (changes) => void history.push(...changes),

    async begin(chainId, timeMs, changes) {
      const appHash = stage(changes);
      const next = {
        format: STORE_FORMAT,
        chainId,
        height: 0n,
        timeMs,
        blockHash: ZERO,
        appHash,
        stateKeys: BigInt(tree.size),
        historyHash: ZERO,
      };
      await write(next, []);
    },

    async commit(point) {
      if (meta === null) {
        throw new ChainError({ code: 'CHAIN_NOT_STARTED' }, 'Nothing can be committed before the genesis.');
      }
      const height = Number(point.height);
      const record = sealRecord(crypto, undoToBytes(undo));
      const writes = [...history, { key: heightKey(UNDO, height), value: record }, ...forgotten(height)];
      const historyHash = historyHashAfter(crypto, store, meta.historyHash, writes);
      const next = { ...meta, ...point, appHash: tree.commit(), stateKeys: BigInt(tree.size), historyHash };
      await write(next, writes);
    },

    adopt(adopted) {
      const found = readMeta(crypto, store, folder);
      if (found === null || !areBytesEqual(found.appHash, adopted.commit())) {
        throw storeCorrupt(folder, 'the state that took its place has another root than was checked');
      }
      tree = adopted;
      meta = found;
      view.clear();
      staged = [];
      undo = [];
      history = [];
    },

    prove(key, height) {
      const latest = Number(meta?.height ?? 0n);
      if (!Number.isSafeInteger(height) || height < 0 || height > latest) {
        throw new ChainError(
          { code: 'HEIGHT_UNKNOWN', height, latest },
          `Height ${height} is not committed, the latest is ${latest}. Ask for it later.`,
        );
      }
      const oldest = oldestProvable(latest);
      if (height < oldest) {
        throw new ChainError(
          { code: 'HEIGHT_TOO_OLD', height, oldest },
          `Values are kept for heights from ${oldest}, not ${height}. Ask for a later one, or an archive.`,
        );
      }
      // The tree goes back in time and forth again within this call, so nobody else sees it.
      const layers = [undo];
      for (let at = latest; at > height; at--) layers.push(undoOf(at));
      const current = new Map<string, Uint8Array | null>();
      const stagedValues = new Map(staged.map((change) => [change.key, change.value]));
      // The value in the tree: staged if it is, else committed.
      const valueNow = (changed: string): Uint8Array | null => {
        const found = stagedValues.get(changed);
        return found === undefined ? (view.get(changed) ?? null) : found;
      };
      let value = view.get(key) ?? null;
      for (const layer of layers) {
        for (const entry of layer) {
          if (!current.has(entry.key)) current.set(entry.key, valueNow(entry.key));
          if (entry.key === key) value = entry.value;
        }
        revert(layer);
      }
      const appHash = tree.commit();
      const proof = tree.prove(hashStateKey(crypto, key));
      for (const [changed, now] of current) setLeaf(changed, now);
      tree.commit();
      return { appHash, value, proof };
    },
  };
}
