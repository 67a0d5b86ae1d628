import { chmod, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createNativeSealCrypto } from '@cairn/chain';
import { describe, expect, it } from 'vitest';
import { openSealingKeys } from '../../src/sealing/sealing-keys.ts';
import { aFolder } from '../data/parts.ts';

const crypto = createNativeSealCrypto();
const idsOf = (keys: readonly { readonly ids: { readonly x25519: string } }[]) =>
  keys.map(({ ids }) => ids.x25519);

describe('the sealing keys of a provider', () => {
  it('are made once, for the owner alone to read, and are the same after a restart', async () => {
    const folder = aFolder();
    const { current } = await openSealingKeys(folder, crypto);
    expect(current.public.x25519.length).toBe(32);
    expect(current.public.xWing.length).toBe(1216);
    expect((await stat(join(folder, 'sealing-1.key'))).mode & 0o777).toBe(0o600);
    expect(idsOf([(await openSealingKeys(folder, crypto)).current])).toEqual(idsOf([current]));
  });

  it('are kept after a rotation until offers that stood with them have expired, and then are gone', async () => {
    const folder = aFolder();
    const keys = await openSealingKeys(folder, crypto);
    const first = keys.current;
    const second = await keys.rotate(100n);
    const third = await keys.rotate(200n);
    expect(idsOf(keys.keys())).toEqual(idsOf([third, second, first]));
    const again = await openSealingKeys(folder, crypto);
    expect(idsOf(again.keys())).toEqual(idsOf([third, second, first]));
    expect(await again.dropExpired(99n)).toBe(0);
    expect(await again.dropExpired(100n)).toBe(1);
    expect(idsOf(again.keys())).toEqual(idsOf([third, second]));
    expect(await again.dropExpired(1_000n)).toBe(1);
    expect(idsOf(again.keys())).toEqual(idsOf([third]));
    expect(await readdir(folder)).toEqual(['sealing-3.key', 'sealing.json']);
  });

  it('are no more than nine', async () => {
    const folder = aFolder();
    const keys = await openSealingKeys(folder, crypto);
    for (let slot = 1n; slot <= 12n; slot++) await keys.rotate(slot);
    expect(keys.keys().length).toBe(9);
    expect((await readdir(folder)).length).toBe(10);
    expect(idsOf((await openSealingKeys(folder, crypto)).keys())).toEqual(idsOf(keys.keys()));
  });

  it('are not used when others can read them or their list is damaged', async () => {
    const folder = aFolder();
    await openSealingKeys(folder, crypto);
    await chmod(join(folder, 'sealing-1.key'), 0o644);
    await expect(openSealingKeys(folder, crypto)).rejects.toMatchObject({ code: 'KEY_FILE_READABLE' });
    const other = aFolder();
    await (await openSealingKeys(other, crypto)).rotate(1n);
    await writeFile(join(other, 'sealing.json'), '{');
    await expect(openSealingKeys(other, crypto)).rejects.toMatchObject({ code: 'DATA_FOLDER_MALFORMED' });
  });
});
