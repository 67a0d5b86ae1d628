import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { describe, expect, it } from 'vitest';
import { createBoundedStore } from '../../src/libp2p/bounded-store.ts';
import { seedOf, silentLog } from '../support/networks.ts';

const self = peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', seedOf(1)));
const key = (name: string) => ({ toString: () => name }) as never;
const value = Uint8Array.of(1);

async function namesUnder(store: ReturnType<typeof createBoundedStore>, prefix: string): Promise<string[]> {
  const names: string[] = [];
  for await (const each of store.queryKeys({ prefix })) names.push(each.toString());
  return names;
}

describe('what libp2p remembers', () => {
  it('is kept, found by its prefix, replaced and deleted', async () => {
    const store = createBoundedStore(self, silentLog);
    store.put(key('/dht/provider/a/p'), value);
    store.put(key('/dht/provider/b/p'), value);
    store.put(key('/peers/x'), value);
    store.put(key('/dht/provider/a/p'), Uint8Array.of(2));
    expect(await namesUnder(store, '/dht/provider/a')).toEqual(['/dht/provider/a/p']);
    expect(store.get(key('/dht/provider/a/p'))).toEqual(Uint8Array.of(2));
    store.delete(key('/dht/provider/a/p'));
    expect(store.has(key('/dht/provider/a/p'))).toBe(false);
    expect(() => store.get(key('/dht/provider/a/p'))).toThrow(
      expect.objectContaining({ name: 'NotFoundError' }),
    );
    expect(await namesUnder(store, '/')).toHaveLength(2);
  });

  it('of one provider is bounded, the oldest goes first, and others keep theirs', async () => {
    const store = createBoundedStore(self, silentLog);
    store.put(key('/dht/provider/topic/honest'), value);
    for (let i = 0; i < 1000; i++) store.put(key(`/dht/provider/${i}/liar`), value);
    const names = await namesUnder(store, '/dht/');
    expect(names).toHaveLength(65);
    expect(names).toContain('/dht/provider/topic/honest');
    expect(names).toContain('/dht/provider/999/liar');
  });

  it('of all is bounded, and what this peer provides itself is never pushed out', async () => {
    const store = createBoundedStore(self, silentLog);
    store.put(key(`/dht/provider/topic/${self}`), value);
    store.put(key(`/peers/${self.toCID()}`), value);
    for (let i = 0; i < 6000; i++) {
      store.put(key(`/dht/provider/topic/${i}`), value);
      store.put(key(`/peers/${i}`), value);
      store.put(key(`/other/${i}`), value);
    }
    expect(await namesUnder(store, '/dht/')).toHaveLength(4096);
    expect(await namesUnder(store, '/peers/')).toHaveLength(5000);
    expect(await namesUnder(store, '/other/')).toHaveLength(256);
    expect(store.has(key(`/dht/provider/topic/${self}`))).toBe(true);
    expect(store.has(key(`/peers/${self.toCID()}`))).toBe(true);
  });

  it('has no entry larger than sixteen KiB', () => {
    const store = createBoundedStore(self, silentLog);
    expect(() => store.put(key('/peers/x'), new Uint8Array(16 * 1024 + 1))).toThrow(RangeError);
  });
});
