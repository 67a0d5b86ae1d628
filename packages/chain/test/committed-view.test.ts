import { describe, expect, it } from 'vitest';
import { createMemoryStore, openChainState } from '../src/index.ts';
import { crypto } from './parts.ts';

const NONE = new Uint8Array(32);
const value = (text: string) => new TextEncoder().encode(text);

/** A state of height 0 over a store that shows what it wrote before its write resolves, as a database may. */
async function aStateBeingWritten() {
  const store = createMemoryStore();
  let isSlow = false;
  let written = () => {};
  let release = () => {};
  const isWritten = new Promise<void>((resolve) => {
    written = resolve;
  });
  const isReleased = new Promise<void>((resolve) => {
    release = resolve;
  });
  const state = openChainState(
    {
      crypto,
      store: {
        ...store,
        async write(changes) {
          await store.write(changes);
          if (!isSlow) return;
          written();
          await isReleased;
        },
      },
    },
    { folder: '/data/chain' },
  );
  await state.begin(NONE, 0n, [
    { key: 'a/1', value: value('one') },
    { key: 'a/3', value: value('three') },
    { key: 'b/1', value: value('other') },
  ]);
  isSlow = true;
  // Known to be absent, so that it is remembered as such.
  expect(state.view.get('a/2')).toBeUndefined();
  state.stage([
    { key: 'a/1', value: value('changed') },
    { key: 'a/2', value: value('two') },
    { key: 'a/3', value: null },
  ]);
  const commit = state.commit({ height: 1n, timeMs: 1n, blockHash: NONE });
  await isWritten;
  return { state, commit, release };
}

describe('the committed values while the next block is written', () => {
  it('are those of the block before, under the keys of the block before', async () => {
    const { state, commit, release } = await aStateBeingWritten();
    const { view } = state;
    expect(state.meta!.height).toBe(0n);
    expect([...view.keys('a/')]).toEqual(['a/1', 'a/3']);
    expect([...view.keys('a/', 'a/1')]).toEqual(['a/3']);
    expect([...view.keys('')]).toEqual(['a/1', 'a/3', 'b/1']);
    expect(['a/1', 'a/2', 'a/3'].map((key) => view.get(key))).toEqual([
      value('one'),
      undefined,
      value('three'),
    ]);
    release();
    await commit;
    expect(state.meta!.height).toBe(1n);
    expect([...view.keys('a/')]).toEqual(['a/1', 'a/2']);
    expect(['a/1', 'a/2', 'a/3'].map((key) => view.get(key))).toEqual([
      value('changed'),
      value('two'),
      undefined,
    ]);
  });
});
