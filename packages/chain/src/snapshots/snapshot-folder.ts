import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { areBytesEqual, CoreError, type Crypto, type Logger } from '@cairn/core';
import { fileProblem } from '../store/file-problem.ts';
import { metadataFromBytes, type SnapshotMetadata } from './format.ts';
import { chunkName, folderName, heightOfName, METADATA_NAME } from './names.ts';

/** A snapshot on disk. */
export interface KeptSnapshot {
  readonly metadata: SnapshotMetadata;
  /** The same in bytes, as it is offered. */
  readonly bytes: Uint8Array;
}

/** The snapshots of a folder, the latest of which are kept. */
export interface SnapshotFolder {
  /** Latest first. */
  list(): readonly KeptSnapshot[];
  /** A piece, compared with its hash; null when there is none, or it is not what was written. */
  load(height: bigint, chunk: number): Promise<Uint8Array | null>;
  /** Takes in one that was written, and removes those that are too many. */
  add(metadata: SnapshotMetadata): Promise<void>;
}

export interface SnapshotFolderParts {
  readonly crypto: Crypto;
  readonly logger: Logger;
}

/** Removes what a process that was cut off left unfinished. */
export function openSnapshotFolder(
  { crypto, logger }: SnapshotFolderParts,
  path: string,
  keep: number,
): SnapshotFolder {
  const kept = new Map<bigint, KeptSnapshot>();

  function read(name: string): KeptSnapshot | null {
    const height = heightOfName(name);
    if (height === null) return null;
    try {
      const bytes = new Uint8Array(readFileSync(join(path, name, METADATA_NAME)));
      const metadata = metadataFromBytes(bytes);
      return metadata.height === height ? { metadata, bytes } : null;
    } catch (error) {
      if (error instanceof CoreError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw fileProblem(join(path, name), error);
    }
  }

  function open(): void {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(path)) {
      const found = read(name);
      if (found === null) rmSync(join(path, name), { recursive: true, force: true });
      else kept.set(found.metadata.height, found);
    }
  }

  async function drop(height: bigint): Promise<void> {
    kept.delete(height);
    await rm(join(path, folderName(height)), { recursive: true, force: true });
  }

  const list = (): KeptSnapshot[] =>
    [...kept.values()].sort((a, b) => (a.metadata.height < b.metadata.height ? 1 : -1));

  open();
  return {
    list,
    async load(height, chunk) {
      const expected = kept.get(height)?.metadata.chunkHashes[chunk];
      if (expected === undefined) return null;
      try {
        const bytes = new Uint8Array(await readFile(join(path, folderName(height), chunkName(chunk))));
        if (areBytesEqual(crypto.sha256(bytes), expected)) return bytes;
        logger.warn('a snapshot is damaged and is dropped', { height: Number(height), chunk });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw fileProblem(path, error);
        // Removed by hand, or because it is too old, while it was being asked for.
        logger.warn('a snapshot is incomplete and is dropped', { height: Number(height), chunk });
      }
      await drop(height);
      return null;
    },
    async add(metadata) {
      const added = read(folderName(metadata.height));
      if (added !== null) kept.set(metadata.height, added);
      for (const old of list().slice(keep)) await drop(old.metadata.height);
    },
  };
}
