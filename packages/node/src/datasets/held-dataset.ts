import { createHmac } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { areBytesEqual, type Crypto } from '@cairn/core';
import { DATASET_CHUNK_BYTES, type DatasetCard } from '@cairn/ledger';
import { CHUNK_SALT_BYTES, datasetChunkBytes, datasetLeaf, pathInTree, treeLevels } from '@cairn/protocol';
import { NodeError } from '../errors.ts';

/** Most chunks of a data set that one node lists, 64 GiB: their hashes are in memory. */
const MAX_HELD_CHUNKS = 262_144;

/** A chunk with what a buyer checks it by. */
export interface HeldChunk {
  readonly salt: Uint8Array;
  readonly leaf: Uint8Array;
  readonly path: readonly Uint8Array[];
  readonly bytes: Uint8Array;
}

/** A data set that this node sells. */
export interface HeldDataset {
  readonly id: Uint8Array;
  readonly card: DatasetCard;
  /** Null when the file is gone, or is not what was listed any more. */
  chunk(index: number): Promise<HeldChunk | null>;
}

/** What a file is listed by. */
export interface HashedFile {
  readonly sizeBytes: bigint;
  readonly leaves: readonly Uint8Array[];
  readonly root: Uint8Array;
}

/** Salt of a chunk: only who has the seed, or bought the chunk, can tell its leaf from its bytes. */
const saltOf = (seed: Uint8Array, index: number): Uint8Array =>
  Uint8Array.from(createHmac('sha256', seed).update(`cairn/chunk-salt/v1/${index}`).digest()).subarray(
    0,
    CHUNK_SALT_BYTES,
  );

async function readAt(file: FileHandle, at: number, lengthBytes: number): Promise<Uint8Array> {
  const chunk = new Uint8Array(lengthBytes);
  let length = 0;
  while (length < lengthBytes) {
    const { bytesRead } = await file.read(chunk, length, lengthBytes - length, at + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return chunk.subarray(0, length);
}

/**
 * Cuts and hashes a file. Reads it once; takes about a second for each GiB on a fast disk.
 *
 * @throws NodeError `DATASET_REFUSED` for a file that is missing, empty or larger than 64 GiB
 */
export async function hashFile(crypto: Crypto, path: string, seed: Uint8Array): Promise<HashedFile> {
  const refused = (reason: string) =>
    new NodeError({ code: 'DATASET_REFUSED', reason }, `${path} cannot be listed: ${reason}`);
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (cause) {
    throw new NodeError(
      { code: 'DATASET_REFUSED', reason: 'unreadable' },
      `${path} cannot be read. Name a file that the node's user may read, with its whole path.`,
      { cause },
    );
  }
  await using opened = file;
  const { size } = await opened.stat();
  if (size === 0) throw refused('it is empty.');
  const chunks = Math.ceil(size / DATASET_CHUNK_BYTES);
  if (chunks > MAX_HELD_CHUNKS) throw refused('it has more than 64 GiB. Split it.');
  const leaves: Uint8Array[] = [];
  for (let index = 0; index < chunks; index++) {
    const chunk = await readAt(opened, index * DATASET_CHUNK_BYTES, datasetChunkBytes(BigInt(size), index));
    if (chunk.length !== datasetChunkBytes(BigInt(size), index))
      throw refused('it shrank while it was read.');
    leaves.push(datasetLeaf(crypto, saltOf(seed, index), chunk));
  }
  return { sizeBytes: BigInt(size), leaves, root: rootOf(crypto, leaves) };
}

const rootOf = (crypto: Crypto, leaves: readonly Uint8Array[]): Uint8Array =>
  treeLevels(crypto, leaves).at(-1)?.[0] as Uint8Array;

/** A listed file, by the leaves that were made of it when it was listed. */
export function holdDataset(
  crypto: Crypto,
  {
    id,
    card,
    path,
    seed,
    leaves,
  }: {
    readonly id: Uint8Array;
    readonly card: DatasetCard;
    readonly path: string;
    readonly seed: Uint8Array;
    readonly leaves: readonly Uint8Array[];
  },
): HeldDataset {
  const levels = treeLevels(crypto, leaves);
  return {
    id,
    card,
    async chunk(index) {
      const leaf = leaves[index];
      if (leaf === undefined) return null;
      const bytes = await readOrNull(path, index, card);
      if (bytes === null) return null;
      const salt = saltOf(seed, index);
      return areBytesEqual(datasetLeaf(crypto, salt, bytes), leaf)
        ? { salt, leaf, path: pathInTree(levels, index), bytes }
        : null;
    },
  };
}

/** Null when the file cannot be read: its seller is told by the log, its buyer by a refusal. */
async function readOrNull(path: string, index: number, card: DatasetCard): Promise<Uint8Array | null> {
  try {
    await using file = await open(path, 'r');
    return await readAt(file, index * DATASET_CHUNK_BYTES, datasetChunkBytes(card.sizeBytes, index));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return null;
  }
}
