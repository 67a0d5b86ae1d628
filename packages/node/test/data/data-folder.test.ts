import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { openDataFolder, readJsonFile, resetDataFolder, writeJsonFile } from '../../src/data/data-folder.ts';
import { describeDiskError } from '../../src/data/disk-error.ts';
import { aFolder } from './parts.ts';

/** Id of a process that has ended. */
function aDeadPid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid;
}

describe('openDataFolder', () => {
  it('makes the folder for its owner alone and lets go of it at the end', async () => {
    const path = join(aFolder(), 'deep', 'data');
    {
      await using folder = await openDataFolder(path);
      expect(folder.path).toBe(path);
      expect(statSync(path).mode & 0o777).toBe(0o700);
      expect(readdirSync(path)).toEqual(['lock']);
    }
    expect(readdirSync(path)).toEqual([]);
  });

  it('refuses a place where no folder can be made, instead of trying for ever', async () => {
    await expect(openDataFolder('/proc/cairn/data')).rejects.toMatchObject({
      code: 'DATA_FOLDER_NOT_WRITABLE',
    });
  });

  it('refuses a folder that this process has open already', async () => {
    const path = aFolder();
    await using _ = await openDataFolder(path);
    await expect(openDataFolder(path)).rejects.toMatchObject({
      problem: { code: 'DATA_FOLDER_IN_USE', path, pid: process.pid },
    });
  });

  it('refuses a folder of another living process and leaves its lock alone', async () => {
    const path = aFolder();
    writeFileSync(join(path, 'lock'), String(process.ppid));
    await expect(openDataFolder(path)).rejects.toMatchObject({
      code: 'DATA_FOLDER_IN_USE',
      message: expect.stringContaining(String(process.ppid)),
    });
    expect(readFileSync(join(path, 'lock'), 'utf8')).toBe(String(process.ppid));
    expect(readdirSync(path)).toEqual(['lock']);
  });

  it('takes over the lock of a dead process, of an earlier life of its id, and one that is no lock', async () => {
    for (const stale of [String(aDeadPid()), `${aDeadPid()} 77`, `${process.pid} 1`, '', 'x', '-1', '0']) {
      const path = aFolder();
      writeFileSync(join(path, 'lock'), stale);
      await using _ = await openDataFolder(path);
      expect(readFileSync(join(path, 'lock'), 'utf8'), `lock ${stale}`).toMatch(
        new RegExp(`^${process.pid} `),
      );
    }
  });

  it.skipIf(process.platform !== 'linux')(
    'takes over the lock of a process that ended and that nobody waited for',
    async () => {
      const path = aFolder();
      // What the shell became does not wait for the shell's child.
      const parent = spawn('/bin/sh', ['-c', 'cat <&3 >&2 & echo $!; exec sleep 60'], {
        stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
      });
      const [said] = (await once(parent.stdout!, 'data')) as [Buffer];
      const pid = Number(said.toString());
      const commandOf = () => readFileSync(`/proc/${parent.pid}/cmdline`, 'utf8');
      while (!commandOf().startsWith('sleep')) await new Promise((resolve) => setImmediate(resolve));
      // The child ends only now, when nobody is left to wait for it.
      (parent.stdio[3] as Writable).end();
      const stat = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ');
      while (stat()[2] !== 'Z') await new Promise((resolve) => setImmediate(resolve));
      writeFileSync(join(path, 'lock'), `${pid} ${stat()[21]}`);
      {
        await using _ = await openDataFolder(path);
        expect(readFileSync(join(path, 'lock'), 'utf8')).toContain(String(process.pid));
      }
      parent.kill('SIGKILL');
    },
  );

  it('gives the folder to one of many that come at once for a stale lock', async () => {
    const path = aFolder();
    writeFileSync(join(path, 'lock'), String(aDeadPid()));
    const tries = await Promise.allSettled(Array.from({ length: 20 }, () => openDataFolder(path)));
    const won = tries.filter(({ status }) => status === 'fulfilled');
    expect(won).toHaveLength(1);
    for (const result of tries)
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'DATA_FOLDER_IN_USE' });
    for (const result of tries) if (result.status === 'fulfilled') await result.value[Symbol.asyncDispose]();
    expect(readdirSync(path)).toEqual([]);
  });

  it('says so when the folder is a file, or below one', async () => {
    const file = join(aFolder(), 'file');
    writeFileSync(file, '');
    for (const path of [file, join(file, 'below')]) {
      await expect(openDataFolder(path), path).rejects.toMatchObject({
        code: 'DATA_FOLDER_NOT_WRITABLE',
        message: expect.stringMatching(/--data/),
      });
    }
  });

  it('says so when the disk is read-only', async (context) => {
    const path = aFolder();
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', path]).status === 0;
    if (!mounted) context.skip('no right to mount a disk here');
    try {
      await expect(openDataFolder(path)).rejects.toMatchObject({ code: 'DATA_FOLDER_NOT_WRITABLE' });
    } finally {
      spawnSync('umount', [path]);
    }
  });

  it('knows missing rights by their codes', () => {
    for (const code of ['EACCES', 'EPERM', 'EROFS']) {
      expect(describeDiskError('/d', Object.assign(new Error(), { code })), code).toMatchObject({
        problem: { code: 'DATA_FOLDER_NOT_WRITABLE', path: '/d' },
      });
    }
  });
});

describe('resetDataFolder', () => {
  it('deletes chain, blobs, role records and genesis, and keeps keys, configuration and strangers files', async () => {
    const path = aFolder();
    await using folder = await openDataFolder(path);
    const gone = [folder.chainPath, folder.blobsPath, folder.indexPath, folder.rolePath('miner-1')];
    const kept = [folder.keysPath('owner'), join(path, 'photos')];
    for (const each of [...gone, ...kept]) {
      mkdirSync(each, { recursive: true });
      writeFileSync(join(each, 'file'), 'x');
    }
    await writeJsonFile(folder.genesisPath, {});
    await writeJsonFile(folder.configPath, { port: 1 });
    await resetDataFolder(folder);
    expect(readdirSync(path).sort()).toEqual(['config.json', 'keys', 'lock', 'photos']);
    for (const each of kept) expect(readdirSync(each)).toEqual(['file']);
  });

  it('removes a link, not what it points to', async () => {
    const [path, elsewhere] = [aFolder(), aFolder()];
    writeFileSync(join(elsewhere, 'precious'), 'x');
    await using folder = await openDataFolder(path);
    symlinkSync(elsewhere, folder.chainPath);
    await resetDataFolder(folder);
    expect(readdirSync(elsewhere)).toEqual(['precious']);
  });
});

describe('readJsonFile', () => {
  it('reads what was written, and undefined where there is nothing', async () => {
    const path = join(aFolder(), 'a', 'b.json');
    expect(await readJsonFile(path)).toBeUndefined();
    await writeJsonFile(path, { a: [1, 'ü'] });
    expect(await readJsonFile(path)).toEqual({ a: [1, 'ü'] });
  });

  it.each(['', '{', '{"a":1', 'nonsense', '\u0000'])('refuses %j and names the file', async (text) => {
    const path = join(aFolder(), 'genesis.json');
    writeFileSync(path, text);
    await expect(readJsonFile(path)).rejects.toMatchObject({
      problem: { code: 'DATA_FOLDER_MALFORMED', path },
      message: expect.stringContaining(path),
    });
  });

  it('refuses a folder and a file that is far too large', async () => {
    const folder = aFolder();
    await expect(readJsonFile(folder)).rejects.toMatchObject({ code: 'DATA_FOLDER_MALFORMED' });
    const path = join(folder, 'large.json');
    writeFileSync(path, new Uint8Array(16 * 1024 * 1024 + 1));
    await expect(readJsonFile(path)).rejects.toMatchObject({ code: 'DATA_FOLDER_MALFORMED' });
  });
});
