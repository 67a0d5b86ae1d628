import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesToHex } from '@cairn/core';
import { decodeRunManifest, MAX_RUN_MANIFEST_BYTES, type RunManifest, type RunView } from '@cairn/protocol';
import type { Connection } from '../connect.ts';

/** Longest wait for a node's answer. */
const PATIENCE_MS = 10_000;

/** What a run trains, as the node that was connected to has it. Null: it does not have it. */
export async function readManifest(
  connection: Pick<Connection, 'isOwn' | 'data' | 'address'>,
  { manifest: hash, manifestBytes }: Pick<RunView, 'manifest' | 'manifestBytes'>,
): Promise<RunManifest | null> {
  const id = bytesToHex(hash);
  const bytes = connection.isOwn
    ? await readOwn(join(connection.data, 'training', 'blobs', id.slice(0, 2), id))
    : await readFrom(new URL(`/blob/${id}`, connection.address));
  if (bytes === null || bytes.length !== manifestBytes || bytes.length > MAX_RUN_MANIFEST_BYTES) return null;
  return createHash('sha256').update(bytes).digest('hex') === id ? decodeRunManifest(bytes) : null;
}

async function readOwn(path: string): Promise<Uint8Array | null> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function readFrom(url: URL): Promise<Uint8Array | null> {
  const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
  return response.ok ? new Uint8Array(await response.arrayBuffer()) : null;
}
