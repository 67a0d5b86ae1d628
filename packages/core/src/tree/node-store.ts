/** Bytes of a hash. */
const HASH_BYTES = 32;
/** 32-bit words of a hash; hashes are copied word by word, which is faster than views. */
const HASH_WORDS = 8;

/** A child: 0 is empty, n > 0 the inner node n, n < 0 the leaf −n. */
export type NodeRef = number;
export const EMPTY: NodeRef = 0;

/** Rows of fixed width in one growing buffer; row 0 is never used, freed rows are used again. */
interface Rows {
  take(): number;
  free(row: number): void;
}

function createRows(capacity: number, grow: (capacity: number) => void): Rows {
  const freed: number[] = [];
  let next = 1;
  let size = Math.max(16, capacity + 1);
  grow(size);
  return {
    take() {
      const reused = freed.pop();
      if (reused !== undefined) return reused;
      if (next === size) {
        size += size >>> 1;
        grow(size);
      }
      return next++;
    },
    free(row) {
      freed.push(row);
    },
  };
}

/** Nodes of the tree in typed arrays: 42 bytes per inner node, 96 bytes per leaf. */
export interface NodeStore {
  takeInner(): NodeRef;
  takeLeaf(key: Uint8Array): NodeRef;
  free(ref: NodeRef): void;
  child(ref: NodeRef, bit: number): NodeRef;
  setChild(ref: NodeRef, bit: number, child: NodeRef): void;
  /** Level at which an inner node waits to be hashed again, or −1. */
  dirtyLevel(ref: NodeRef): number;
  setDirtyLevel(ref: NodeRef, level: number): void;
  /** Bit `index` of a leaf's key hash. */
  leafBit(ref: NodeRef, index: number): number;
  hasKey(ref: NodeRef, key: Uint8Array): boolean;
  hasValue(ref: NodeRef, value: Uint8Array): boolean;
  setLeaf(ref: NodeRef, value: Uint8Array, hash: Uint8Array): void;
  leafKey(ref: NodeRef): Uint8Array;
  leafValue(ref: NodeRef): Uint8Array;
  hash(ref: NodeRef): Uint8Array;
  /** Copies the hash of `ref` to `target` at a word offset. */
  copyHash(ref: NodeRef, target: Uint32Array, wordOffset: number): void;
  setInnerHash(ref: NodeRef, source: Uint32Array, wordOffset: number): void;
  byteSize(): number;
}

function grown<T extends Uint8Array | Int32Array | Uint32Array | Int16Array>(larger: T, old: T): T {
  larger.set(old);
  return larger;
}

/** @param capacity leaves to make room for at first. */
export function createNodeStore(capacity: number): NodeStore {
  let children = new Int32Array(0);
  let dirty = new Int16Array(0);
  let innerHashes = new Uint32Array(0);
  let leafKeys = new Uint8Array(0);
  let leafValues = new Uint8Array(0);
  let leafHashes = new Uint32Array(0);

  // Random keys make about 1 / ln 2 = 1.44 inner nodes per leaf.
  const inner = createRows(capacity + (capacity >>> 1), (size) => {
    children = grown(new Int32Array(2 * size), children);
    dirty = grown(new Int16Array(size), dirty);
    innerHashes = grown(new Uint32Array(HASH_WORDS * size), innerHashes);
  });
  const leaves = createRows(capacity, (size) => {
    leafKeys = grown(new Uint8Array(HASH_BYTES * size), leafKeys);
    leafValues = grown(new Uint8Array(HASH_BYTES * size), leafValues);
    leafHashes = grown(new Uint32Array(HASH_WORDS * size), leafHashes);
  });

  const isEqualAt = (rows: Uint8Array, ref: NodeRef, other: Uint8Array): boolean => {
    const base = -ref * HASH_BYTES;
    for (let i = 0; i < HASH_BYTES; i++) if (rows[base + i] !== other[i]) return false;
    return true;
  };

  const copyHash = (ref: NodeRef, target: Uint32Array, wordOffset: number): void => {
    const rows = ref > 0 ? innerHashes : leafHashes;
    const base = Math.abs(ref) * HASH_WORDS;
    // Row 0 of both buffers stays zero, which is the hash of an empty subtree.
    for (let i = 0; i < HASH_WORDS; i++) target[wordOffset + i] = rows[base + i] as number;
  };

  return {
    takeInner() {
      const row = inner.take();
      children[2 * row] = EMPTY;
      children[2 * row + 1] = EMPTY;
      dirty[row] = -1;
      return row;
    },
    takeLeaf(key) {
      const row = leaves.take();
      leafKeys.set(key, row * HASH_BYTES);
      return -row;
    },
    free(ref) {
      if (ref < 0) {
        leaves.free(-ref);
      } else {
        dirty[ref] = -1;
        inner.free(ref);
      }
    },
    child: (ref, bit) => children[2 * ref + bit] as NodeRef,
    setChild(ref, bit, child) {
      children[2 * ref + bit] = child;
    },
    dirtyLevel: (ref) => dirty[ref] as number,
    setDirtyLevel(ref, level) {
      dirty[ref] = level;
    },
    leafBit: (ref, index) =>
      ((leafKeys[-ref * HASH_BYTES + (index >>> 3)] as number) >>> (7 - (index & 7))) & 1,
    hasKey: (ref, key) => isEqualAt(leafKeys, ref, key),
    hasValue: (ref, value) => isEqualAt(leafValues, ref, value),
    setLeaf(ref, value, hash) {
      leafValues.set(value, -ref * HASH_BYTES);
      new Uint8Array(leafHashes.buffer).set(hash, -ref * HASH_BYTES);
    },
    leafKey: (ref) => leafKeys.slice(-ref * HASH_BYTES, (-ref + 1) * HASH_BYTES),
    leafValue: (ref) => leafValues.slice(-ref * HASH_BYTES, (-ref + 1) * HASH_BYTES),
    hash(ref) {
      const copy = new Uint32Array(HASH_WORDS);
      copyHash(ref, copy, 0);
      return new Uint8Array(copy.buffer);
    },
    copyHash,
    setInnerHash(ref, source, wordOffset) {
      const base = ref * HASH_WORDS;
      for (let i = 0; i < HASH_WORDS; i++) innerHashes[base + i] = source[wordOffset + i] as number;
    },
    byteSize: () =>
      children.byteLength +
      dirty.byteLength +
      innerHashes.byteLength +
      leafKeys.byteLength +
      leafValues.byteLength +
      leafHashes.byteLength,
  };
}
