import { describe, expect, it } from 'vitest';
import { createMemoryStore, openChainState } from '../src/index.ts';
import { META_KEY, metaToBytes, STORE_FORMAT } from '../src/store/records.ts';
import { crypto } from './parts.ts';

describe('a store of another format', () => {
  it.each([
    [STORE_FORMAT - 1, /made by an older version: .* \.\/cairn up --reset/],
    [STORE_FORMAT + 1, /Upgrade\.$/],
  ])('%i is not read, and the message says what to do', async (format, message) => {
    const none = new Uint8Array(32);
    const store = createMemoryStore();
    const meta = {
      ...{ format, chainId: none, height: 7n, timeMs: 1n, blockHash: none, appHash: none },
      ...{ stateKeys: 0n, historyHash: none },
    };
    await store.write([{ key: META_KEY, value: metaToBytes(crypto, meta) }]);
    const open = () => openChainState({ crypto, store }, { folder: '/data/chain' });
    expect(open).toThrow(expect.objectContaining({ code: 'STORE_FORMAT_UNKNOWN' }));
    expect(open).toThrow(message);
  });
});
