/** Bytes of a page before its node pointers, which count from there. */
const HEADER = 24;
const META_MAGIC = 0xbeef_c0de;
const META_VERSION = 2;

export const PAGE_BRANCH = 1;
export const PAGE_LEAF = 2;
export const PAGE_OVERFLOW = 4;
const NODE_BIG = 1;

/** A B-tree as a meta page describes it. */
export interface TreeRoot {
  readonly depth: number;
  readonly branchPages: bigint;
  readonly leafPages: bigint;
  readonly overflowPages: bigint;
  readonly entries: bigint;
  /** All ones for an empty tree. */
  readonly page: bigint;
}

/** One of the two meta pages: a commit. */
export interface LmdbMeta {
  readonly pageSize: number;
  readonly free: TreeRoot;
  readonly main: TreeRoot;
  readonly lastPage: bigint;
  readonly transaction: bigint;
}

/** A value in a leaf: in the page, or in pages of its own. */
export interface LeafValue {
  readonly sizeBytes: number;
  /** First of its own pages and how many, or null. */
  readonly overflow: { readonly page: bigint; readonly count: bigint } | null;
  /** Where it starts in the leaf page; 0 for one with its own pages. */
  readonly offset: number;
}

export interface PageNode {
  readonly key: Buffer;
  /** Of a branch. */
  readonly child: bigint;
  /** Of a leaf; null in a branch. */
  readonly value: LeafValue | null;
}

/** Something in the file that no commit can have written. */
export class PageDamage extends Error {
  override readonly name = 'PageDamage';
}

export function damage(page: bigint | number, what: string): PageDamage {
  return new PageDamage(`page ${page} of data.mdb ${what}`);
}

function readRoot(page: Buffer, offset: number): TreeRoot {
  return {
    depth: page.readUInt16LE(offset + 6),
    branchPages: page.readBigUInt64LE(offset + 8),
    leafPages: page.readBigUInt64LE(offset + 16),
    overflowPages: page.readBigUInt64LE(offset + 24),
    entries: page.readBigUInt64LE(offset + 32),
    page: page.readBigUInt64LE(offset + 40),
  };
}

export function readMeta(page: Buffer, number: number): LmdbMeta {
  if (page.readUInt32LE(HEADER) !== META_MAGIC || page.readUInt32LE(HEADER + 4) !== META_VERSION) {
    throw damage(number, 'is not the start of a database');
  }
  if (page.readBigUInt64LE(0) !== BigInt(number)) throw damage(number, 'carries another number');
  if (page.readUInt16LE(18) !== 8) throw damage(number, 'is not marked as a start page');
  const pageSize = page.readUInt32LE(HEADER + 24);
  if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0) {
    throw damage(number, `says pages of ${pageSize} bytes`);
  }
  if (page.readUInt16LE(HEADER + 28) !== 8 || page.readUInt16LE(HEADER + 28 + 48) !== 0) {
    throw damage(number, 'marks its trees in an unknown way');
  }
  return {
    pageSize,
    free: readRoot(page, HEADER + 24),
    main: readRoot(page, HEADER + 72),
    lastPage: page.readBigUInt64LE(HEADER + 120),
    transaction: page.readBigUInt64LE(HEADER + 128),
  };
}

/** Checks what every page carries and returns its kind. */
export function readPageKind(page: Buffer, number: bigint, latest: bigint): number {
  if (page.readBigUInt64LE(0) !== number) throw damage(number, 'carries another number');
  if (page.readBigUInt64LE(8) > latest) throw damage(number, 'is from a later commit than the last');
  return page.readUInt16LE(18);
}

export function readOverflowCount(page: Buffer): bigint {
  return BigInt(page.readUInt32LE(20));
}

function readLeafValue(
  page: Buffer,
  number: bigint,
  offset: number,
  size: number,
  isBig: boolean,
): LeafValue {
  const stored = isBig ? 24 : size;
  if (offset + stored > page.length) throw damage(number, 'has a value that runs over its end');
  if (!isBig) return { sizeBytes: size, overflow: null, offset };
  const overflow = { page: page.readBigUInt64LE(offset), count: page.readBigUInt64LE(offset + 16) };
  return { sizeBytes: size, overflow, offset: 0 };
}

/** Nodes of a branch or leaf page, whose bounds are all checked and which do not overlap. */
export function readNodes(page: Buffer, number: bigint, isLeaf: boolean): PageNode[] {
  const lower = page.readUInt16LE(20);
  const upper = page.readUInt16LE(22);
  if (lower % 2 !== 0 || lower > upper || upper + HEADER > page.length) {
    throw damage(number, 'has impossible bounds');
  }
  const nodes: PageNode[] = [];
  let used = 0;
  for (let at = HEADER; at < HEADER + lower; at += 2) {
    const start = page.readUInt16LE(at) + HEADER;
    if (start < upper + HEADER || start % 2 !== 0 || start + 8 > page.length) {
      throw damage(number, 'points outside itself');
    }
    const flags = page.readUInt16LE(start + 4);
    const keyEnd = start + 8 + page.readUInt16LE(start + 6);
    if (keyEnd > page.length) throw damage(number, 'has a key that runs over its end');
    const key = page.subarray(start + 8, keyEnd);
    const low = page.readUInt32LE(start);
    if (!isLeaf) {
      nodes.push({ key, child: BigInt(low) + (BigInt(flags) << 32n), value: null });
      used += keyEnd - start;
      continue;
    }
    if ((flags & ~NODE_BIG) !== 0) throw damage(number, 'has a record of an unknown kind');
    const value = readLeafValue(page, number, keyEnd, low, flags === NODE_BIG);
    nodes.push({ key, child: 0n, value });
    used += keyEnd - start + (value.overflow === null ? value.sizeBytes : 24);
  }
  if (used > page.length - HEADER - upper) throw damage(number, 'has records that overlap');
  return nodes;
}
