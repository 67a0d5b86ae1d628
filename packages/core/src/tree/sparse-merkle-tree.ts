import { CoreError } from '../errors.ts';
import type { Crypto } from '../ports.ts';
import { bitAt, hashLeaf } from './hashing.ts';
import { createNodeStore, EMPTY, type NodeRef, type NodeStore } from './node-store.ts';
import { MAX_DEPTH, type StateProof } from './proof.ts';

/** Nodes hashed in one call; large enough for the batch hasher to be at its fastest. */
const BATCH = 4096;

export interface SparseMerkleTreeOptions {
  /** Keys to make room for at first; the tree grows by itself. @default 1024 */
  capacity?: number;
}

/**
 * The state tree: compressed binary sparse Merkle tree over key hashes, in memory. A subtree with one
 * leaf is that leaf, an empty one is 32 zero bytes, so the root depends on the contents alone.
 */
export interface SparseMerkleTree {
  /** Keys in the tree. */
  readonly size: number;
  /** Sets the hash of a value, or removes the key. O(log n) time; nothing but the leaf is hashed yet. */
  update(keyHash: Uint8Array, valueHash: Uint8Array | null): void;
  /** The hash of the value under a key, or null. */
  get(keyHash: Uint8Array): Uint8Array | null;
  /** Hashes what changed, level by level, and returns the root. */
  commit(): Uint8Array;
  /** Proof of presence or absence under the root of all updates so far; commits them first. */
  prove(keyHash: Uint8Array): StateProof;
  /** Bytes held by the tree. */
  byteSize(): number;
}

/**
 * @example
 * const tree = createSparseMerkleTree(crypto);
 * tree.update(hashStateKey(crypto, 'accounts/x'), crypto.sha256(value));
 * const root = tree.commit();
 */
export function createSparseMerkleTree(
  crypto: Crypto,
  options: SparseMerkleTreeOptions = {},
): SparseMerkleTree {
  const nodes = createNodeStore(options.capacity ?? 1024);
  const dirty: NodeRef[][] = [];
  const pairs = new Uint32Array(BATCH * 16);
  const hashes = new Uint32Array(BATCH * 8);
  // The inner nodes from the root to where the last descent ended.
  const path = new Int32Array(MAX_DEPTH);
  let root: NodeRef = EMPTY;
  let size = 0;

  /** Marks the first `depth` nodes of `path`, from below: above a node that waits, all wait already. */
  const markPath = (depth: number): void => {
    for (let level = depth - 1; level >= 0; level--) {
      const ref = path[level] as NodeRef;
      if (nodes.dirtyLevel(ref) === level) return;
      nodes.setDirtyLevel(ref, level);
      while (dirty.length <= level) dirty.push([]);
      (dirty[level] as NodeRef[]).push(ref);
    }
  };

  const setBelow = (depth: number, keyHash: Uint8Array, ref: NodeRef): void => {
    if (depth === 0) root = ref;
    else nodes.setChild(path[depth - 1] as NodeRef, bitAt(keyHash, depth - 1), ref);
  };

  /** Fills `path` and returns its length; the node below it is empty or a leaf. */
  const descend = (keyHash: Uint8Array): number => {
    let depth = 0;
    for (let ref = root; ref > 0; depth++) {
      path[depth] = ref;
      ref = nodes.child(ref, bitAt(keyHash, depth));
    }
    return depth;
  };

  const below = (depth: number, keyHash: Uint8Array): NodeRef =>
    depth === 0 ? root : nodes.child(path[depth - 1] as NodeRef, bitAt(keyHash, depth - 1));

  const insert = (keyHash: Uint8Array, valueHash: Uint8Array): void => {
    let depth = descend(keyHash);
    const found = below(depth, keyHash);
    if (found !== EMPTY && nodes.hasKey(found, keyHash)) {
      if (nodes.hasValue(found, valueHash)) return;
      nodes.setLeaf(found, valueHash, hashLeaf(crypto, keyHash, valueHash));
    } else {
      const leaf = nodes.takeLeaf(keyHash);
      nodes.setLeaf(leaf, valueHash, hashLeaf(crypto, keyHash, valueHash));
      size++;
      if (found === EMPTY) {
        setBelow(depth, keyHash, leaf);
      } else {
        let isShared = true;
        while (isShared) {
          const inner = nodes.takeInner();
          setBelow(depth, keyHash, inner);
          isShared = nodes.leafBit(found, depth) === bitAt(keyHash, depth);
          path[depth++] = inner;
        }
        setBelow(depth, keyHash, leaf);
        nodes.setChild(path[depth - 1] as NodeRef, 1 - bitAt(keyHash, depth - 1), found);
      }
    }
    markPath(depth);
  };

  const remove = (keyHash: Uint8Array): void => {
    let depth = descend(keyHash);
    const found = below(depth, keyHash);
    if (found === EMPTY || !nodes.hasKey(found, keyHash)) return;
    nodes.free(found);
    size--;
    // What is left of the subtree: a leaf moves up for as long as nothing stands beside it.
    let rest: NodeRef = EMPTY;
    while (depth > 0 && rest <= 0) {
      const parent = path[depth - 1] as NodeRef;
      const sibling = nodes.child(parent, 1 - bitAt(keyHash, depth - 1));
      if (rest !== EMPTY && sibling !== EMPTY) break;
      if (sibling > 0) break;
      if (rest === EMPTY) rest = sibling;
      nodes.free(parent);
      depth--;
    }
    setBelow(depth, keyHash, rest);
    markPath(depth);
  };

  const commit = (): Uint8Array => {
    for (let level = dirty.length - 1; level >= 0; level--) {
      hashLevel(crypto, nodes, dirty[level] as NodeRef[], level, pairs, hashes);
    }
    dirty.length = 0;
    return nodes.hash(root);
  };

  return {
    get size() {
      return size;
    },
    update(keyHash, valueHash) {
      assertHash(keyHash);
      if (valueHash === null) {
        remove(keyHash);
      } else {
        assertHash(valueHash);
        insert(keyHash, valueHash);
      }
    },
    get(keyHash) {
      assertHash(keyHash);
      const found = below(descend(keyHash), keyHash);
      return found !== EMPTY && nodes.hasKey(found, keyHash) ? nodes.leafValue(found) : null;
    },
    commit,
    prove(keyHash) {
      assertHash(keyHash);
      commit();
      const depth = descend(keyHash);
      const bitmap = new Uint8Array((depth + 7) >>> 3);
      const siblings: Uint8Array[] = [];
      for (let level = 0; level < depth; level++) {
        const sibling = nodes.child(path[level] as NodeRef, 1 - bitAt(keyHash, level));
        if (sibling === EMPTY) continue;
        bitmap[level >>> 3] = (bitmap[level >>> 3] as number) | (0x80 >>> (level & 7));
        siblings.push(nodes.hash(sibling));
      }
      const found = below(depth, keyHash);
      const isOther = found !== EMPTY && !nodes.hasKey(found, keyHash);
      const other = isOther ? { keyHash: nodes.leafKey(found), valueHash: nodes.leafValue(found) } : null;
      return { depth, bitmap, siblings, other };
    },
    byteSize: () => nodes.byteSize() + pairs.byteLength + hashes.byteLength,
  };
}

/**
 * Hashes the nodes that wait at one level. A node that was freed since, or freed and used again
 * elsewhere, no longer waits at this level and is passed over.
 */
function hashLevel(
  crypto: Crypto,
  nodes: NodeStore,
  waiting: readonly NodeRef[],
  level: number,
  pairs: Uint32Array,
  hashes: Uint32Array,
): void {
  const batch = new Int32Array(Math.min(BATCH, waiting.length));
  let filled = 0;
  const flush = (): void => {
    crypto.hashPairs(
      new Uint8Array(pairs.buffer, 0, filled * 64),
      new Uint8Array(hashes.buffer, 0, filled * 32),
    );
    for (let i = 0; i < filled; i++) nodes.setInnerHash(batch[i] as NodeRef, hashes, i * 8);
    filled = 0;
  };
  for (const ref of waiting) {
    if (nodes.dirtyLevel(ref) !== level) continue;
    nodes.setDirtyLevel(ref, -1);
    nodes.copyHash(nodes.child(ref, 0), pairs, filled * 16);
    nodes.copyHash(nodes.child(ref, 1), pairs, filled * 16 + 8);
    batch[filled++] = ref;
    if (filled === batch.length) flush();
  }
  if (filled > 0) flush();
}

function assertHash(hash: Uint8Array): void {
  if (hash.length !== 32) {
    throw new CoreError(
      { code: 'VALUE_OUT_OF_RANGE', type: 'hash' },
      `The tree works on hashes of 32 bytes, not ${hash.length}.`,
    );
  }
}
