import { createHash } from 'node:crypto';
import { readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFileBlobStore } from '../../src/data/blob-store.ts';
import { aFolder } from './parts.ts';

const bytes = new TextEncoder().encode('some evidence');
const id = createHash('sha256').update(bytes).digest('hex');

describe('createFileBlobStore', () => {
  it('keeps bytes under their hash', async () => {
    const store = createFileBlobStore(join(aFolder(), 'blobs'));
    expect(await store.get(id)).toBeNull();
    expect(await store.put(bytes)).toBe(id);
    expect(await store.put(bytes)).toBe(id);
    expect(await store.get(id)).toEqual(bytes);
    const empty = await store.put(new Uint8Array(0));
    expect(await store.get(empty)).toEqual(new Uint8Array(0));
  });

  it('never gives back other bytes than were asked for', async () => {
    const folder = aFolder();
    const store = createFileBlobStore(folder);
    await store.put(bytes);
    const path = join(folder, id.slice(0, 2), id);
    writeFileSync(path, 'other evidence');
    await expect(store.get(id)).rejects.toMatchObject({ problem: { code: 'BLOB_CORRUPT', id } });
    await store.put(bytes);
    expect(await store.get(id)).toEqual(bytes);
    truncateSync(path, 65 * 1024 * 1024);
    await expect(store.get(id)).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
  });

  it.each(['', '..', '../../secret', '/etc/passwd', `${id}/../${id}`, id.toUpperCase(), `${id}\n`, `${id}0`])(
    'has nothing under %j',
    async (hostile) => {
      const folder = aFolder();
      writeFileSync(join(folder, 'secret'), 'x');
      expect(await createFileBlobStore(join(folder, 'a', 'b')).get(hostile)).toBeNull();
    },
  );

  it('refuses more than 64 MiB and writes nothing', async () => {
    const folder = aFolder();
    const large = new Uint8Array(64 * 1024 * 1024 + 1);
    await expect(createFileBlobStore(folder).put(large)).rejects.toMatchObject({
      problem: { code: 'BLOB_TOO_LARGE', sizeBytes: large.length },
    });
    expect(readdirSync(folder)).toEqual([]);
  });
});
