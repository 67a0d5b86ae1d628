import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { storeCorrupt } from '../errors.ts';
import { fileProblem } from './file-problem.ts';
import {
  damage,
  type LeafValue,
  type LmdbMeta,
  PAGE_BRANCH,
  PAGE_LEAF,
  PAGE_OVERFLOW,
  PageDamage,
  readMeta,
  readNodes,
  readOverflowCount,
  readPageKind,
  type TreeRoot,
} from './lmdb-page.ts';

const EMPTY_TREE = 0xffff_ffff_ffff_ffffn;
/** The library's own bound on the height of a tree. */
const MAX_DEPTH = 32;

interface PageFile {
  readonly pages: bigint;
  read(number: bigint): Buffer;
}

function openPages(file: number, pageSize: number): PageFile {
  const pages = BigInt(Math.floor(fstatSync(file).size / pageSize));
  return {
    pages,
    read(number) {
      const page = Buffer.alloc(pageSize);
      const count = readSync(file, page, 0, pageSize, Number(number) * pageSize);
      if (count < pageSize) throw damage(number, 'is cut off');
      return page;
    },
  };
}

/**
 * The later of the two commits. They are always consecutive: were the last commit's number damaged,
 * the library would open the one before and lose an acknowledged block without a word.
 */
function latestMeta(file: number): LmdbMeta {
  const first = readMeta(openPages(file, 4_096).read(0n), 0);
  const second = readMeta(openPages(file, first.pageSize).read(1n), 1);
  const [older, newer] = first.transaction < second.transaction ? [first, second] : [second, first];
  const isFresh = newer.transaction === 0n;
  const isInPlace = (newer === second) === (newer.transaction % 2n === 1n);
  if (
    first.pageSize !== second.pageSize ||
    !(isFresh || (isInPlace && newer.transaction - older.transaction === 1n))
  ) {
    throw damage(0, 'and page 1 are not of consecutive commits');
  }
  return newer;
}

function checkFile(file: number): void {
  const meta = latestMeta(file);
  const pages = openPages(file, meta.pageSize);
  const last = meta.lastPage;
  if (last < 1n || last >= pages.pages + 1_048_576n) throw damage(0, `says that ${last} is the last page`);
  const isTaken = new Uint8Array(Number(last) + 1);

  function take(number: bigint): void {
    if (number < 2n || number > last) throw damage(number, `is outside the ${last} pages there are`);
    if (isTaken[Number(number)] === 1) throw damage(number, 'is used twice');
    isTaken[Number(number)] = 1;
  }

  function takeValue({ overflow, sizeBytes }: LeafValue): bigint {
    if (overflow === null) return 0n;
    const { page: first, count } = overflow;
    // A value may have more pages than it needs: a longer one stood there before.
    const needed = BigInt(Math.ceil((sizeBytes + 24) / meta.pageSize));
    if (count < needed || first + count > pages.pages) throw damage(first, 'has a value that is cut off');
    for (let i = 0n; i < count; i++) take(first + i);
    const page = pages.read(first);
    const kind = readPageKind(page, first, meta.transaction);
    if (kind !== PAGE_OVERFLOW || readOverflowCount(page) !== count)
      throw damage(first, 'is not the value it should be');
    return count;
  }

  function readValue(leaf: Buffer, { overflow, offset, sizeBytes }: LeafValue): Buffer {
    if (overflow === null) return leaf.subarray(offset, offset + sizeBytes);
    const parts = Array.from({ length: Number(overflow.count) }, (_, i) =>
      pages.read(overflow.page + BigInt(i)),
    );
    return Buffer.concat(parts).subarray(24, 24 + sizeBytes);
  }

  /** Walks a tree. Keys must ascend through all of it: a search trusts every key on its way. */
  function walk(
    root: TreeRoot,
    compare: (a: Buffer, b: Buffer) => number,
    visit: (leaf: Buffer, value: LeafValue) => void,
  ): void {
    let before: Buffer | null = null;
    const found = { branch: 0n, leaf: 0n, overflow: 0n, entries: 0n };

    function enter(number: bigint, level: number, from: Buffer | null): void {
      take(number);
      const page = pages.read(number);
      const isLeaf = level === root.depth;
      if (readPageKind(page, number, meta.transaction) !== (isLeaf ? PAGE_LEAF : PAGE_BRANCH)) {
        throw damage(number, `is of another kind than level ${level} of its tree`);
      }
      const nodes = readNodes(page, number, isLeaf);
      if (nodes.length === 0 || (!isLeaf && nodes.length < 2)) throw damage(number, 'is empty');
      found[isLeaf ? 'leaf' : 'branch'] += 1n;
      for (const [i, { key, child, value }] of nodes.entries()) {
        if (value === null) {
          // The first key of a branch is not used: what is below starts where the branch starts.
          const start = i === 0 ? from : key;
          if (i > 0 && before !== null && compare(key, before) <= 0)
            throw damage(number, 'has keys out of order');
          enter(child, level + 1, start);
          continue;
        }
        const isAbove = before === null || compare(key, before) > 0;
        const isInside = from === null || compare(key, from) >= 0;
        if (!isAbove || !isInside) throw damage(number, 'has keys out of order');
        before = key;
        found.entries += 1n;
        found.overflow += takeValue(value);
        visit(page, value);
      }
    }

    if (root.page === EMPTY_TREE) return;
    if (root.depth < 1 || root.depth > MAX_DEPTH)
      throw damage(root.page, `is said to be ${root.depth} levels high`);
    enter(root.page, 1, null);
    const isCounted =
      found.branch === root.branchPages &&
      found.leaf === root.leafPages &&
      found.overflow === root.overflowPages &&
      found.entries === root.entries;
    if (!isCounted) throw damage(root.page, 'is the root of a tree that counts otherwise');
  }

  /**
   * A list of free pages: a count, then numbers. Zero is an empty place; a negative number says how many
   * pages follow from the next one.
   */
  function takeFree(list: Buffer): void {
    const count = list.length >= 8 ? list.readBigInt64LE(0) : -1n;
    if (count < 0n || (count + 1n) * 8n > BigInt(list.length)) {
      throw damage(meta.free.page, 'leads to a list that says it is longer than it is');
    }
    // Room that was reserved for more lies behind the count.
    const end = Number(count + 1n) * 8;
    for (let at = 8; at < end; at += 8) {
      const number = list.readBigInt64LE(at);
      if (number >= 0n) {
        if (number > 0n) take(number);
        continue;
      }
      at += 8;
      if (at >= end || -number > last) throw damage(meta.free.page, 'leads to a list that is cut off');
      const first = list.readBigInt64LE(at);
      for (let i = 0n; i < -number; i++) take(first + i);
    }
  }

  walk(meta.main, Buffer.compare, () => undefined);
  const byNumber = (a: Buffer, b: Buffer): number => {
    if (a.length !== 8 || b.length !== 8) throw damage(meta.free.page, 'leads to a key of another length');
    return Number(a.readBigUInt64LE(0) - b.readBigUInt64LE(0));
  };
  walk(meta.free, byNumber, (leaf, value) => takeFree(readValue(leaf, value)));
}

/**
 * Checks every page of a database file before the library maps it into memory, where a wrong number
 * would end the process or overwrite what is in use. What the values say is checked afterwards.
 * Reads the whole file: about 1 s for each GB in the page cache.
 *
 * @throws ChainError `STORE_CORRUPT`, `NO_PERMISSION`
 */
export function auditDatabase(folder: string): void {
  const path = join(folder, 'data.mdb');
  if (!existsSync(path)) return;
  let file: number;
  try {
    file = openSync(path, 'r+');
  } catch (error) {
    throw fileProblem(path, error);
  }
  try {
    checkFile(file);
  } catch (error) {
    if (error instanceof PageDamage) throw storeCorrupt(folder, error.message, error);
    throw error;
  } finally {
    closeSync(file);
  }
}
