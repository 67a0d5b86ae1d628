import { bytesToHex, createPureCrypto } from '@cairn/core';
import { holderOf } from '@cairn/training';
import { expect, it } from 'vitest';
import { createBrowserLibrary } from '../src/train/worker/library.ts';
import type { Store } from '../src/train/worker/store-port.ts';

const crypto = createPureCrypto();

/** A store, and what is in it. */
function aStore() {
  const kept = new Map<string, unknown>();
  const store: Store = {
    get: async <T>(key: string) => kept.get(key) as T | undefined,
    set: async (key, value) => void kept.set(key, value),
    delete: async (key) => void kept.delete(key),
    keys: async (prefix) => [...kept.keys()].filter((key) => key.startsWith(prefix)),
  };
  return { kept, store };
}

it('a browser forgets what it fetched for rounds that nobody can ask for any more, and nothing else', async () => {
  const { kept, store } = aStore();
  const blobs = new Map(
    [1, 2, 3].map((byte) => [bytesToHex(crypto.sha256(Uint8Array.of(byte))), Uint8Array.of(byte)]),
  );
  const [early, both, shard] = [...blobs.keys()] as [string, string, string];
  const library = createBrowserLibrary(crypto, store, { blob: async (id) => blobs.get(id) ?? null });
  const of = (round: number) => holderOf('run', { round, use: 'weights' });
  await library.fetch(of(3), [{ id: early }, { id: both }]);
  await library.fetch(of(12), [{ id: both }]);
  await library.fetch('run', [{ id: shard }]);
  await library.forget('run', 'weights', 12);
  expect(await Promise.all([early, both, shard].map((id) => library.share('run', id)))).toEqual([
    ...[false, true, true],
  ]);
  await library.forget('run', 'weights', 13);
  expect([...kept.keys()]).toEqual([`blob/${shard}`]);
});

it('a browser takes what has a name for what it is and nothing else, and finds it by its hash too', async () => {
  const { kept, store } = aStore();
  const name = 'e'.repeat(64);
  let sent = Uint8Array.of(9);
  const library = createBrowserLibrary(crypto, store, { blob: async () => sent });
  const wanted = { id: name, maxBytes: 4, isIt: (bytes: Uint8Array) => bytes[0] === 7 };
  const holder = holderOf('run', { round: 3, use: 'weights' });
  await expect(library.fetch(holder, [wanted])).rejects.toMatchObject({ code: 'BLOB_NOT_FETCHED' });
  sent = Uint8Array.of(7, 1);
  await library.fetch(holder, [wanted]);
  expect(await library.get(name)).toEqual(sent);
  expect(await library.get(bytesToHex(crypto.sha256(sent)))).toEqual(sent);
  await library.forget('run', 'weights', 4);
  expect([...kept.keys()]).toEqual([]);
});
