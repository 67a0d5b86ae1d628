import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeDiskError } from '../../src/data/disk-error.ts';
import { writeFileDurably } from '../../src/data/durable-file.ts';
import { aFolder } from './parts.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('writeFileDurably', () => {
  it('makes its folders, keeps others out and replaces the whole content', async () => {
    const path = join(aFolder(), 'a', 'b', 'file');
    await writeFileDurably(path, bytes('a long first content'));
    await writeFileDurably(path, bytes('second'));
    expect(readFileSync(path, 'utf8')).toBe('second');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(path, '..'))).toEqual(['file']);
  });

  it('leaves one whole content after writes at the same time', async () => {
    const path = join(aFolder(), 'file');
    const contents = Array.from({ length: 20 }, (_, index) => `${index}`.repeat(10_000));
    await Promise.all(contents.map((content) => writeFileDurably(path, bytes(content))));
    expect(contents).toContain(readFileSync(path, 'utf8'));
  });

  it('is not confused by what a crash before the rename left behind', async () => {
    const folder = aFolder();
    const path = join(folder, 'file');
    await writeFileDurably(path, bytes('old'));
    writeFileSync(join(folder, `.${process.pid}-abc.tmp`), 'half of the n');
    expect(readFileSync(path, 'utf8')).toBe('old');
    await writeFileDurably(path, bytes('new'));
    expect(readFileSync(path, 'utf8')).toBe('new');
  });

  it('keeps the old content and no rest when the write fails', async () => {
    const folder = aFolder();
    const path = join(folder, 'taken');
    mkdirSync(path);
    writeFileSync(join(path, 'inside'), 'x');
    await expect(writeFileDurably(path, bytes('new'))).rejects.toMatchObject({
      code: 'DATA_FOLDER_NOT_WRITABLE',
    });
    expect(readdirSync(folder)).toEqual(['taken']);
    expect(readdirSync(path)).toEqual(['inside']);
  });

  it('says that the disk is full and keeps the old content', async (context) => {
    const folder = aFolder();
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]).status === 0;
    if (!mounted) context.skip('no right to mount a small disk here');
    try {
      const path = join(folder, 'file');
      await writeFileDurably(path, bytes('old'));
      await expect(writeFileDurably(path, new Uint8Array(1024 * 1024))).rejects.toMatchObject({
        code: 'DISK_FULL',
      });
      expect(readFileSync(path, 'utf8')).toBe('old');
      expect(readdirSync(folder)).toEqual(['file']);
    } finally {
      spawnSync('umount', [folder]);
    }
  });

  it('knows a full disk and an exhausted quota by their codes', () => {
    for (const code of ['ENOSPC', 'EDQUOT']) {
      expect(describeDiskError('/d', Object.assign(new Error(), { code })), code).toMatchObject({
        problem: { code: 'DISK_FULL', path: '/d' },
      });
    }
    const other = new Error('something else');
    expect(describeDiskError('/d', other)).toBe(other);
  });
});
