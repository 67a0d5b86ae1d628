import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPureCrypto } from '@cairn/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readOrCreateKeyFile } from '../../src/data/key-file.ts';
import { findRoleHotkey, listRoles } from '../../src/data/role-keys.ts';

const crypto = createPureCrypto();
let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'cairn-roles-'));
});
afterEach(() => rm(data, { recursive: true, force: true }));

describe('the hotkeys of roles', () => {
  it('finds a hotkey without making one', async () => {
    const folder = join(data, 'keys', 'validator-1');
    await readOrCreateKeyFile(folder, 'hotkey');
    await readOrCreateKeyFile(join(data, 'keys', 'owner'), 'coldkey');
    const found = await findRoleHotkey(data, crypto, 'validator-1');
    expect(found?.address).toMatch(/^cairn1/);
    expect(await findRoleHotkey(data, crypto, 'owner')).toBeNull();
    expect(await findRoleHotkey(data, crypto, 'validator-2')).toBeNull();
    expect(await listRoles(data)).toEqual(['owner', 'validator-1']);
    expect(await listRoles(join(data, 'nowhere'))).toEqual([]);
  });

  it('takes no name that leads elsewhere', async () => {
    await readOrCreateKeyFile(data, 'hotkey');
    expect(await findRoleHotkey(join(data, 'sub'), crypto, '../..')).toBeNull();
    expect(await findRoleHotkey(data, crypto, '..')).toBeNull();
  });

  it('refuses a damaged key instead of making another', async () => {
    const folder = join(data, 'keys', 'miner-1');
    await readOrCreateKeyFile(folder, 'hotkey');
    await writeFile(join(folder, 'hotkey.key'), 'no key', { mode: 0o600 });
    await expect(findRoleHotkey(data, crypto, 'miner-1')).rejects.toMatchObject({
      code: 'KEY_FILE_MALFORMED',
    });
  });
});
