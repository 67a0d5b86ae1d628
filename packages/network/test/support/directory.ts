import type { PeerName, RecordStore } from '@cairn/protocol';
import type { PeerDirectory } from '../../src/index.ts';

/** What the ledger of a test says: peers and their addresses. Every provider owns every known device. */
export function aDirectory(peers: ReadonlyMap<PeerName, readonly string[]>): PeerDirectory & { at: bigint } {
  return {
    at: 100n,
    addressesOf: async (peer) => peers.get(peer) ?? null,
    isDeviceOf: async (peer) => peers.has(peer),
    slot() {
      return this.at;
    },
    somePeers: async (limit) => [...peers].slice(0, limit).map(([peer, addresses]) => ({ peer, addresses })),
  };
}

export function aRecordStore(records = new Map<string, Uint8Array>()): RecordStore {
  return {
    get: (key) => records.get(key),
    async set(key, record) {
      records.set(key, record);
    },
    async delete(key) {
      records.delete(key);
    },
    keys: (prefix) => [...records.keys()].filter((key) => key.startsWith(prefix)).sort(),
    [Symbol.asyncDispose]: async () => undefined,
  };
}
