import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import {
  type FileHandle,
  mkdir,
  open,
  readFile,
  rename,
  rm,
  stat,
  statfs,
  writeFile,
} from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CancelSignal, Clock } from '@cairn/core';
import { EngineError, reasonOf } from '../errors.ts';
import { diskFull, downloadCancelled, downloadCut, downloadRefused } from './download-problems.ts';

export interface DownloadParts {
  readonly clock: Clock;
  readonly fetch?: typeof globalThis.fetch;
  /** Bytes that may still be written beside `path`. Default: what the file system says. */
  readonly freeDiskBytes?: (folder: string) => Promise<number>;
}

export interface DownloadProgress {
  readonly doneBytes: number;
  /** Null until the server told. */
  readonly totalBytes: number | null;
  readonly bytesPerSecond: number;
}

export interface DownloadOptions {
  readonly url: string;
  /** Where the finished file goes. */
  readonly path: string;
  /** Lower-case hex. Absent: not checked. */
  readonly sha256?: string;
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** How often a cut download that made progress is taken up again before it is given up. @default 5 */
  readonly resumes?: number;
  readonly signal?: CancelSignal;
}

export interface DownloadedFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** What a half-finished file is half of; kept beside it as JSON. */
interface PartNote {
  readonly url: string;
  /** A strong ETag, or the date of the last change. */
  readonly validator: string | null;
}

/**
 * Fetches a file to `path`. Works in `path.part`, goes on where an earlier try stopped if the server's copy is
 * still the same, and moves the file to its place in one step, so that `path` is whole or absent.
 *
 * @throws EngineError `DOWNLOAD_CUT` (what came is kept), `DOWNLOAD_NOT_FOUND`, `DOWNLOAD_REFUSED`,
 * `DOWNLOAD_UNREACHABLE`, `DOWNLOAD_HASH_MISMATCH` (what came is thrown away), `DOWNLOAD_CANCELLED`, `DISK_FULL`,
 * `DISK_NOT_WRITABLE`
 */
export async function downloadFile(parts: DownloadParts, options: DownloadOptions): Promise<DownloadedFile> {
  const partPath = `${options.path}.part`;
  await onDisk(options.path, () => mkdir(dirname(options.path), { recursive: true }));
  let resumesLeft = options.resumes ?? 5;
  for (;;) {
    const before = await sizeOf(partPath);
    try {
      await fetchRest(parts, options, partPath);
      break;
    } catch (error) {
      const isCut = error instanceof EngineError && error.code === 'DOWNLOAD_CUT';
      if (!isCut || resumesLeft === 0 || (await sizeOf(partPath)) <= before) throw error;
      resumesLeft -= 1;
    }
  }
  const sha256 = await hashFile(partPath);
  if (options.sha256 !== undefined && sha256 !== options.sha256.toLowerCase()) {
    await rm(partPath, { force: true });
    await rm(notePath(partPath), { force: true });
    throw new EngineError(
      { code: 'DOWNLOAD_HASH_MISMATCH', url: options.url, expected: options.sha256, got: sha256 },
      `What ${options.url} sent has the SHA-256 ${sha256}, not ${options.sha256}. It was thrown away; ` +
        'fetch it again, or from another place.',
    );
  }
  const sizeBytes = await sizeOf(partPath);
  await onDisk(options.path, () => rename(partPath, options.path));
  await rm(notePath(partPath), { force: true });
  return { path: options.path, sizeBytes, sha256 };
}

async function fetchRest(parts: DownloadParts, options: DownloadOptions, partPath: string): Promise<void> {
  const { url } = options;
  const note = await readNote(partPath);
  const have = note !== null && note.url === url && note.validator !== null ? await sizeOf(partPath) : 0;
  const abort = new AbortController();
  const isCancelled = () => options.signal?.aborted === true;
  const onCancel = () => abort.abort();
  if (isCancelled()) throw downloadCancelled(url, have);
  options.signal?.addEventListener('abort', onCancel, { once: true });
  try {
    const response = await request(
      parts,
      url,
      have > 0 ? { have, validator: note!.validator! } : null,
      abort.signal,
    );
    if (response.status === 416 && have > 0) {
      const size = Number(/\/(\d+)$/u.exec(response.headers.get('content-range') ?? '')?.[1]);
      await response.body?.cancel();
      // All of it came before, and only the last step was missing.
      if (size === have) return;
      await rm(partPath, { force: true });
      return await fetchRest(parts, options, partPath);
    }
    refuseBadStatus(url, response.status);
    const start = rangeStart(response);
    const from = response.status === 206 && start === have ? have : 0;
    if (response.status === 206 && from === 0 && start !== 0) throw downloadRefused(url, 206);
    const length = Number(response.headers.get('content-length') ?? Number.NaN);
    const totalBytes = Number.isSafeInteger(length) ? from + length : null;
    await requireDisk(parts, options.path, totalBytes === null ? null : totalBytes - from);
    await writeNote(partPath, { url, validator: validatorOf(response) });
    await writeBody(parts, options, partPath, response, from, totalBytes);
  } catch (error) {
    if (isCancelled()) throw downloadCancelled(url, await sizeOf(partPath));
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', onCancel);
    // Gives up the connection of an answer that was not read to its end.
    abort.abort();
  }
}

async function request(
  parts: DownloadParts,
  url: string,
  resume: { have: number; validator: string } | null,
  signal: AbortSignal,
): Promise<Response> {
  let response: Response;
  try {
    response = await (parts.fetch ?? globalThis.fetch)(url, {
      signal,
      headers: {
        'accept-encoding': 'identity',
        ...(resume === null ? {} : { range: `bytes=${resume.have}-`, 'if-range': resume.validator }),
      },
    });
  } catch (error) {
    const reason = reasonOf(error instanceof Error && error.cause !== undefined ? error.cause : error);
    throw new EngineError(
      { code: 'DOWNLOAD_UNREACHABLE', url, reason },
      `${url} cannot be reached: ${reason}. Check the address and the connection.`,
      { cause: error },
    );
  }
  if (url.startsWith('https:') && response.url.startsWith('http:')) {
    await response.body?.cancel();
    throw downloadRefused(url, response.status);
  }
  return response;
}

async function writeBody(
  parts: DownloadParts,
  options: DownloadOptions,
  partPath: string,
  response: Response,
  from: number,
  totalBytes: number | null,
): Promise<void> {
  const { url, onProgress } = options;
  const file = await onDisk(partPath, () => open(partPath, from > 0 ? 'r+' : 'w'));
  const startMs = parts.clock.nowMs();
  let doneBytes = from;
  try {
    const body = response.body?.getReader();
    for (;;) {
      const part = await body?.read().catch((error: unknown) => {
        throw downloadCut(url, doneBytes, totalBytes, error);
      });
      if (part === undefined || part.done) break;
      await onDisk(partPath, () => writeAll(file, part.value, doneBytes));
      doneBytes += part.value.length;
      const seconds = (parts.clock.nowMs() - startMs) / 1000;
      onProgress?.({ doneBytes, totalBytes, bytesPerSecond: seconds > 0 ? (doneBytes - from) / seconds : 0 });
    }
    await onDisk(partPath, () => file.sync());
  } finally {
    await file.close();
  }
  if (totalBytes !== null && doneBytes !== totalBytes) throw downloadCut(url, doneBytes, totalBytes);
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, position + at);
    at += bytesWritten;
  }
}

async function requireDisk(parts: DownloadParts, path: string, neededBytes: number | null): Promise<void> {
  if (neededBytes === null) return;
  const folder = dirname(path);
  const freeBytes = await (parts.freeDiskBytes ?? freeBytesOf)(folder);
  if (neededBytes > freeBytes) throw diskFull(path, neededBytes, freeBytes);
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

async function onDisk<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOSPC' || code === 'EDQUOT') throw diskFull(path, 0, null, error);
    throw new EngineError(
      { code: 'DISK_NOT_WRITABLE', path, reason: reasonOf(error) },
      `${path} cannot be written: ${reasonOf(error)}. Check the folder and its permissions.`,
      { cause: error },
    );
  }
}

function refuseBadStatus(url: string, status: number): void {
  if (status === 200 || status === 206) return;
  if (status !== 404 && status !== 410) throw downloadRefused(url, status);
  throw new EngineError(
    { code: 'DOWNLOAD_NOT_FOUND', url },
    `There is nothing at ${url} (status ${status}). Check the name.`,
  );
}

function rangeStart(response: Response): number {
  return Number(/^bytes (\d+)-/u.exec(response.headers.get('content-range') ?? '')?.[1] ?? Number.NaN);
}

/** Weak ETags do not promise equal bytes, so they cannot be built upon. */
function validatorOf(response: Response): string | null {
  const etag = response.headers.get('etag');
  return etag !== null && !etag.startsWith('W/') ? etag : response.headers.get('last-modified');
}

const notePath = (partPath: string) => `${partPath}.json`;

async function writeNote(partPath: string, note: PartNote): Promise<void> {
  await onDisk(partPath, () => writeFile(notePath(partPath), JSON.stringify(note)));
}

async function readNote(partPath: string): Promise<PartNote | null> {
  try {
    const note = JSON.parse(await readFile(notePath(partPath), 'utf8')) as Partial<PartNote>;
    if (typeof note.url !== 'string') return null;
    return { url: note.url, validator: typeof note.validator === 'string' ? note.validator : null };
  } catch {
    // Absent or unreadable: then nothing is known about the part, and it is fetched from the start.
    return null;
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(path)) hash.update(part as Uint8Array);
  return hash.digest('hex');
}
