import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readOrCreateKeyFile } from '../../src/data/key-file.ts';
import { aFolder } from './parts.ts';

describe('readOrCreateKeyFile', () => {
  it('makes a key that only its owner can read, and reads the same one again', async () => {
    const folder = join(aFolder(), 'keys', 'owner');
    const made = await readOrCreateKeyFile(folder, 'hotkey');
    expect(made).toHaveLength(32);
    expect(statSync(join(folder, 'hotkey.key')).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(await readOrCreateKeyFile(folder, 'hotkey')).toEqual(made);
    expect(await readOrCreateKeyFile(folder, 'coldkey')).not.toEqual(made);
  });

  it.each([0o644, 0o640, 0o604, 0o660])('refuses a key file of mode %o', async (mode) => {
    const folder = aFolder();
    await readOrCreateKeyFile(folder, 'hotkey');
    const path = join(folder, 'hotkey.key');
    chmodSync(path, mode);
    await expect(readOrCreateKeyFile(folder, 'hotkey')).rejects.toMatchObject({
      problem: { code: 'KEY_FILE_READABLE', path },
      message: expect.stringContaining('chmod 600'),
    });
  });

  it('refuses a damaged key, never replaces it and never shows it', async () => {
    const folder = aFolder();
    await readOrCreateKeyFile(folder, 'hotkey');
    const path = join(folder, 'hotkey.key');
    const whole = readFileSync(path, 'utf8');
    for (const damaged of [
      '',
      whole.slice(0, 40),
      whole.toUpperCase().replace(/[0-9]/g, 'G'),
      `${whole}00`,
    ]) {
      writeFileSync(path, damaged);
      const error = (await readOrCreateKeyFile(folder, 'hotkey').catch((thrown: unknown) => thrown)) as Error;
      expect(error, damaged.slice(0, 8)).toMatchObject({ problem: { code: 'KEY_FILE_MALFORMED', path } });
      expect(JSON.stringify([error.message, error.stack])).not.toContain(whole.slice(0, 40));
      expect(readFileSync(path, 'utf8')).toBe(damaged);
    }
  });

  it('refuses a folder in the place of a key', async () => {
    const folder = aFolder();
    mkdirSync(join(folder, 'hotkey.key'));
    await expect(readOrCreateKeyFile(folder, 'hotkey')).rejects.toMatchObject({ code: 'KEY_FILE_MALFORMED' });
  });
});
