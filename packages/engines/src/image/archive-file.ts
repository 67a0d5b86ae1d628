import { type FileHandle, open } from 'node:fs/promises';
import type { ImageSource } from './image-source.ts';
import { type Descriptor, imageRefused, MAX_MANIFEST_BYTES, parseManifest } from './manifest.ts';
import { readSmall } from './read-exactly.ts';
import { decodeTarHead, tarPadding } from './tar.ts';

const BLOCK_BYTES = 512;
const MAX_FILES = 10_000;
const PART_BYTES = 1024 * 1024;

/** An image in a file that `podman save --format oci-archive` or `docker save` wrote. */
export interface ImageArchive extends ImageSource, AsyncDisposable {
  /** SHA-256 of the manifest for this machine, in hex. */
  readonly digest: string;
  /** Every part of the image, the manifest first. */
  readonly parts: readonly Descriptor[];
}

/**
 * Opens an OCI archive. Its parts are read where they lie; nothing is unpacked.
 *
 * @throws EngineError `IMAGE_REFUSED` when it is none, or lacks a part
 */
export async function openImageArchive(path: string, architecture: string): Promise<ImageArchive> {
  const file = await open(path);
  try {
    const entries = await readEntries(file);
    const source: ImageSource = {
      async read(_, digest) {
        const entry = entries.get(`blobs/sha256/${digest}`);
        if (entry === undefined) throw imageRefused(`the archive lacks the part ${digest}`);
        return readRange(file, entry.at, entry.sizeBytes);
      },
    };
    const index = entries.get('index.json');
    if (index === undefined || index.sizeBytes > MAX_MANIFEST_BYTES) {
      throw imageRefused(
        'the file has no index.json, so it is no OCI archive; write one with podman save --format oci-archive',
      );
    }
    const chosen = await chooseManifest(file, index, source, architecture);
    const { manifest, descriptor } = chosen;
    return {
      ...source,
      digest: descriptor.digest,
      parts: [descriptor, manifest.config, ...manifest.layers],
      [Symbol.asyncDispose]: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error instanceof RangeError
      ? imageRefused(`the file is no OCI archive: ${error.message}`, error)
      : error;
  }
}

interface Range {
  readonly at: number;
  readonly sizeBytes: number;
}

async function chooseManifest(file: FileHandle, index: Range, source: ImageSource, architecture: string) {
  const bytes = Buffer.alloc(index.sizeBytes);
  await file.read(bytes, 0, bytes.length, index.at);
  let descriptor = parseManifest(bytes, architecture);
  for (let depth = 0; depth < 2 && 'digest' in descriptor; depth += 1) {
    const parts = await source.read('manifest', descriptor.digest);
    const inner = parseManifest(
      await readSmall(parts, descriptor.digest, MAX_MANIFEST_BYTES, descriptor.sizeBytes),
      architecture,
    );
    if ('layers' in inner) return { manifest: inner, descriptor };
    descriptor = inner;
  }
  throw imageRefused('its index leads to no manifest');
}

/** Where each file of a tar lies. */
async function readEntries(file: FileHandle): Promise<Map<string, Range>> {
  const entries = new Map<string, Range>();
  const { size } = await file.stat();
  const block = Buffer.alloc(BLOCK_BYTES);
  for (let at = 0; at + BLOCK_BYTES <= size && entries.size < MAX_FILES; ) {
    await file.read(block, 0, BLOCK_BYTES, at);
    const head = decodeTarHead(block);
    if (head === null) break;
    const { name, sizeBytes, type } = head;
    if (type === '0') entries.set(name.replace(/^\.\//, ''), { at: at + BLOCK_BYTES, sizeBytes });
    at += BLOCK_BYTES + sizeBytes + tarPadding(sizeBytes);
  }
  return entries;
}

async function* readRange(file: FileHandle, at: number, sizeBytes: number): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < sizeBytes; ) {
    const part = Buffer.alloc(Math.min(PART_BYTES, sizeBytes - done));
    const { bytesRead } = await file.read(part, 0, part.length, at + done);
    if (bytesRead === 0) throw imageRefused('the archive ends in the middle of a part');
    done += bytesRead;
    yield part.subarray(0, bytesRead);
  }
}
