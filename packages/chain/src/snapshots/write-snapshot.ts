import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Crypto } from '@cairn/core';
import { ChainError, storeCorrupt } from '../errors.ts';
import { fileProblem } from '../store/file-problem.ts';
import { META_KEY, metaFromBytes, STATE } from '../store/records.ts';
import type { FrozenStore } from '../store/store.ts';
import {
  CHUNK_BYTES,
  entrySize,
  MAX_CHUNKS,
  metadataToBytes,
  putEntry,
  type SnapshotMetadata,
} from './format.ts';
import { chunkName, folderName, MAKING, METADATA_NAME } from './names.ts';

/** Bytes read before others have their turn: about a millisecond. */
const TURN_BYTES = 131_072;

/** Writes a file that is on disk when this resolves. */
async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/**
 * Writes the state of a frozen store into a folder of its own, which has its name only once it is whole. Lets other
 * work go on; releases the store. When somebody else releases it first, what was written so far is removed.
 *
 * @returns what the snapshot says of itself
 * @throws ChainError `STORE_CORRUPT`, `SNAPSHOT_TOO_LARGE`, `STORE_CLOSED` when the store was released
 */
export async function writeSnapshot(
  crypto: Crypto,
  frozen: FrozenStore,
  folder: string,
): Promise<SnapshotMetadata> {
  const sealed = frozen.get(META_KEY);
  const meta = sealed === undefined ? null : metaFromBytes(crypto, sealed);
  const making = join(folder, MAKING + folderName(meta?.height ?? 0n));
  try {
    if (meta === null) throw storeCorrupt(folder, 'the record of the last height cannot be read');
    await rm(making, { recursive: true, force: true });
    await mkdir(making, { recursive: true, mode: 0o700 });
    const { chunkHashes, stateKeys } = await writeChunks(crypto, frozen, making);
    if (stateKeys !== meta.stateKeys)
      throw storeCorrupt(folder, `it has ${stateKeys} values, its last record says ${meta.stateKeys}`);
    const { chainId, height, appHash } = meta;
    const metadata: SnapshotMetadata = { chainId, height, appHash, stateKeys, chunkHashes };
    await writeDurably(join(making, METADATA_NAME), metadataToBytes(metadata));
    await syncFolder(making);
    const made = join(folder, folderName(height));
    await rm(made, { recursive: true, force: true });
    await rename(making, made);
    await syncFolder(folder);
    return metadata;
  } catch (error) {
    // Half of a snapshot is of no use, least of all on a disk that is full.
    await rm(making, { recursive: true, force: true });
    throw fileProblem(making, error);
  } finally {
    frozen.release();
  }
}

/**
 * Reads a little at a time and lets the database go in between, so that the frozen store may be released under it: a
 * cursor that is open then would read what is no more there.
 */
async function writeChunks(
  crypto: Crypto,
  frozen: FrozenStore,
  folder: string,
): Promise<{ chunkHashes: Uint8Array[]; stateKeys: bigint }> {
  const chunkHashes: Uint8Array[] = [];
  const chunk = new Uint8Array(CHUNK_BYTES);
  let size = 0;
  let stateKeys = 0n;
  let after: string | undefined;

  function fill(): 'full' | 'turn' | 'end' {
    let turn = 0;
    for (const [stored, value] of frozen.entries(STATE, after)) {
      const key = stored.slice(STATE.length);
      const bytes = entrySize(key, value);
      if (bytes > CHUNK_BYTES) throw tooLarge(`a value of ${value.length} bytes`);
      if (size + bytes > CHUNK_BYTES) return 'full';
      putEntry(chunk, size, key, value);
      size += bytes;
      turn += bytes;
      stateKeys += 1n;
      after = stored;
      if (turn >= TURN_BYTES) return 'turn';
    }
    return 'end';
  }

  async function flush(): Promise<void> {
    const piece = chunk.subarray(0, size);
    if (chunkHashes.length >= MAX_CHUNKS) throw tooLarge(`more than ${MAX_CHUNKS} pieces`);
    await writeDurably(join(folder, chunkName(chunkHashes.length)), piece);
    chunkHashes.push(crypto.sha256(piece));
    size = 0;
  }

  for (let why = fill(); why !== 'end'; why = fill()) {
    if (why === 'full') await flush();
    else await setImmediate();
  }
  if (size > 0) await flush();
  return { chunkHashes, stateKeys };
}

function tooLarge(what: string): ChainError {
  return new ChainError(
    { code: 'SNAPSHOT_TOO_LARGE', what },
    `The state has ${what}, which no snapshot of this format can hold. Nodes that join have to execute all blocks.`,
  );
}
