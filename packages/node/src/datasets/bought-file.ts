import { type FileHandle, open, rename, stat } from 'node:fs/promises';
import { bytesToHex, type Crypto, utf8ToBytes } from '@cairn/core';
import { DATASET_CHUNK_BYTES } from '@cairn/ledger';
import { datasetChunkBytes, type RecordStore } from '@cairn/protocol';
import type { DatasetForSale } from '@cairn/sdk';
import { describeDiskError } from '../data/disk-error.ts';
import { NodeError } from '../errors.ts';

/** The chunks of a data set that are wanted: from `from` up to, not including, `to`. */
export interface ChunkRange {
  readonly from: number;
  readonly to: number;
}

/** A file that grows by bought chunks and takes its name when it is whole. */
export interface BoughtFile extends AsyncDisposable {
  /** Chunks that are not here yet, in order. */
  missing(): readonly number[];
  /** Resolves when the chunk is on disk and known to be. */
  put(index: number, chunk: Uint8Array): Promise<void>;
  /** Gives the file its name. */
  finish(): Promise<void>;
}

const HAVE = 'have/';
const YES = Uint8Array.of(1);

/**
 * Opens `PATH.part`, with the chunks that an earlier run left in it.
 *
 * @throws NodeError `DATASET_REFUSED` when there is a file of this name already; `DISK_FULL`, `DATA_FOLDER_NOT_WRITABLE`
 */
export async function openBoughtFile(
  crypto: Crypto,
  records: RecordStore,
  { id, card }: DatasetForSale,
  path: string,
  { from, to }: ChunkRange,
): Promise<BoughtFile> {
  if (await exists(path)) {
    throw new NodeError(
      { code: 'DATASET_REFUSED', reason: 'exists' },
      `There is a file ${path} already. Name another with --out, or move it away.`,
    );
  }
  const partial = `${path}.part`;
  const place = bytesToHex(crypto.sha256(utf8ToBytes(partial))).slice(0, 32);
  const prefix = `${HAVE}${bytesToHex(id)}/${from}/${place}/`;
  if (!(await exists(partial))) for (const key of [...records.keys(prefix)]) await records.delete(key);
  const file = await openToWrite(partial);
  const have = new Set([...records.keys(prefix)].map((key) => Number(key.slice(prefix.length))));
  return {
    missing: () =>
      Array.from({ length: to - from }, (_, at) => from + at).filter((index) => !have.has(index)),
    async put(index, chunk) {
      try {
        await file.write(chunk, 0, chunk.length, (index - from) * DATASET_CHUNK_BYTES);
        await file.datasync();
      } catch (error) {
        throw describeDiskError(partial, error);
      }
      await records.set(`${prefix}${index}`, YES);
      have.add(index);
    },
    async finish() {
      await file.truncate((to - 1 - from) * DATASET_CHUNK_BYTES + datasetChunkBytes(card.sizeBytes, to - 1));
      await file.sync();
      await rename(partial, path);
      for (const key of [...records.keys(prefix)]) await records.delete(key);
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}

async function openToWrite(path: string): Promise<FileHandle> {
  try {
    return await open(path, (await exists(path)) ? 'r+' : 'wx+', 0o600);
  } catch (error) {
    throw describeDiskError(path, error);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw describeDiskError(path, error);
  }
}
