import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DownloadOptions, type DownloadParts, downloadFile } from '../src/index.ts';
import { codeOf } from './compliance.ts';
import { startFileServer } from './file-server.ts';
import { aClock } from './parts.ts';

const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 31 + (index >> 8)) & 255);
const sha256 = createHash('sha256').update(bytes).digest('hex');

let folder: string;
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cairn-download-'));
});
afterAll(() => rm(folder, { recursive: true }));

function aPath(): string {
  count += 1;
  return join(folder, `${count}`, 'model.gguf');
}

const fetchFile = (
  url: string,
  path: string,
  options: Partial<DownloadOptions> = {},
  parts: Partial<DownloadParts> = {},
) => downloadFile({ clock: aClock(), ...parts }, { url, path, ...options });

describe('download', () => {
  it('fetches a file, checks it and tells its progress', async () => {
    await using server = await startFileServer({ bytes });
    const path = aPath();
    const told: [number, number | null][] = [];
    const got = await fetchFile(server.url, path, {
      sha256,
      onProgress: ({ doneBytes, totalBytes, bytesPerSecond }) => {
        expect(bytesPerSecond).toBeGreaterThan(0);
        told.push([doneBytes, totalBytes]);
      },
    });
    expect(got).toEqual({ path, sizeBytes: bytes.length, sha256 });
    expect(new Uint8Array(await readFile(path))).toEqual(bytes);
    expect(told.at(-1)).toEqual([bytes.length, bytes.length]);
    expect(existsSync(`${path}.part`) || existsSync(`${path}.part.json`)).toBe(false);
  });

  it('goes on by itself where the connection was cut', async () => {
    await using server = await startFileServer({ bytes, cuts: [100_000, 50_000] });
    const got = await fetchFile(server.url, aPath(), { sha256, onProgress: server.reached });
    expect(got.sha256).toBe(sha256);
    expect(server.ranges).toEqual([undefined, 'bytes=100000-', 'bytes=150000-']);
  });

  it('keeps what came when it is cut for good, and goes on the next time', async () => {
    await using server = await startFileServer({ bytes, cuts: [100_000] });
    const path = aPath();
    await expect(
      fetchFile(server.url, path, { resumes: 0, onProgress: server.reached }),
    ).rejects.toMatchObject({
      problem: { code: 'DOWNLOAD_CUT', doneBytes: 100_000, totalBytes: bytes.length },
    });
    expect(existsSync(path)).toBe(false);
    expect(await readFile(`${path}.part`)).toHaveLength(100_000);
    expect((await fetchFile(server.url, path, { sha256 })).sha256).toBe(sha256);
    expect(server.ranges[1]).toBe('bytes=100000-');
  });

  it('starts again when the file on the server has changed', async () => {
    await using server = await startFileServer({ bytes: bytes.map((byte) => byte ^ 1), cuts: [100_000] });
    const path = aPath();
    const first = () => fetchFile(server.url, path, { resumes: 0, onProgress: server.reached });
    expect(await codeOf(first)).toBe('DOWNLOAD_CUT');
    Object.assign(server.options, { bytes, etag: '"two"' });
    expect((await fetchFile(server.url, path)).sha256).toBe(sha256);
  });

  it.each([
    ['ignores ranges', { ignoresRange: true }],
    ['names no version', { etag: null }],
  ])('starts again when the server %s', async (_name, fields) => {
    await using server = await startFileServer({ bytes, cuts: [100_000], ...fields });
    const got = await fetchFile(server.url, aPath(), { sha256, onProgress: server.reached });
    expect(got.sha256).toBe(sha256);
  });

  it('finishes a file that came whole but was not yet in its place', async () => {
    await using server = await startFileServer({ bytes });
    const path = aPath();
    await fetchFile(server.url, path);
    await rename(path, `${path}.part`);
    await writeFile(`${path}.part.json`, JSON.stringify({ url: server.url, validator: '"one"' }));
    expect((await fetchFile(server.url, path, { sha256 })).sizeBytes).toBe(bytes.length);
    expect(server.ranges[1]).toBe(`bytes=${bytes.length}-`);
  });

  it('gives up when a cut brings nothing new', async () => {
    await using server = await startFileServer({ bytes, cuts: [0, 0, 0, 0, 0, 0, 0, 0] });
    expect(await codeOf(() => fetchFile(server.url, aPath()))).toBe('DOWNLOAD_CUT');
    expect(server.ranges.length).toBeLessThan(4);
  });

  it('throws away what has the wrong hash', async () => {
    await using server = await startFileServer({ bytes });
    const path = aPath();
    const wrong = '0'.repeat(64);
    await expect(fetchFile(server.url, path, { sha256: wrong })).rejects.toMatchObject({
      problem: { code: 'DOWNLOAD_HASH_MISMATCH', expected: wrong, got: sha256 },
    });
    expect(existsSync(path) || existsSync(`${path}.part`)).toBe(false);
  });

  it.each([
    [404, 'DOWNLOAD_NOT_FOUND'],
    [410, 'DOWNLOAD_NOT_FOUND'],
    [401, 'DOWNLOAD_REFUSED'],
    [500, 'DOWNLOAD_REFUSED'],
  ])('tells status %i as %s', async (status, code) => {
    await using server = await startFileServer({ bytes, status });
    expect(await codeOf(() => fetchFile(server.url, aPath()))).toBe(code);
  });

  it('says that nobody is there', async () => {
    const server = await startFileServer({ bytes });
    await server[Symbol.asyncDispose]();
    expect(await codeOf(() => fetchFile(server.url, aPath()))).toBe('DOWNLOAD_UNREACHABLE');
  });

  it('refuses before it writes when the disk has no room, and names both sizes', async () => {
    await using server = await startFileServer({ bytes });
    const path = aPath();
    const parts = { freeDiskBytes: async () => 1000 };
    await expect(fetchFile(server.url, path, {}, parts)).rejects.toMatchObject({
      problem: { code: 'DISK_FULL', neededBytes: bytes.length, freeBytes: 1000 },
    });
    expect(existsSync(`${path}.part`)).toBe(false);
  });

  it.runIf(existsSync('/dev/full'))('tells a disk that fills up on the way', async () => {
    await using server = await startFileServer({ bytes });
    const path = join(folder, 'full.gguf');
    await symlink('/dev/full', `${path}.part`);
    expect(await codeOf(() => fetchFile(server.url, path))).toBe('DISK_FULL');
  });

  it('tells a folder that cannot be made', async () => {
    await using server = await startFileServer({ bytes });
    expect(await codeOf(() => fetchFile(server.url, '/dev/null/model.gguf'))).toBe('DISK_NOT_WRITABLE');
  });

  it('can be cancelled, and goes on later', async () => {
    await using server = await startFileServer({ bytes });
    const path = aPath();
    const controller = new AbortController();
    const fetching = fetchFile(server.url, path, {
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    expect(await codeOf(() => fetching)).toBe('DOWNLOAD_CANCELLED');
    expect((await fetchFile(server.url, path, { sha256 })).sha256).toBe(sha256);
  });
});
