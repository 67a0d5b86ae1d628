import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { areBytesEqual, bytesToHex } from '@cairn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openChainState, openLmdbStore } from '../../src/index.ts';
import { CHUNK_BYTES } from '../../src/snapshots/format.ts';
import { aFolder, crypto } from '../parts.ts';
import { aServer, aSnapshotNode, aValue, type SnapshotNode, valuesOf } from './parts.ts';

/** What somebody who joins is handed: the snapshot and its pieces. */
async function served(server: SnapshotNode) {
  const [snapshot] = server.snapshots.list();
  const { height, format, chunks } = snapshot!;
  const pieces = await Promise.all(
    Array.from({ length: chunks }, (_, index) => server.snapshots.load(height, format, index)),
  );
  return { snapshot: snapshot!, pieces };
}

/** The root that consensus would vouch for. */
const rootAt = (server: SnapshotNode, height: number) => server.state.prove('a/1', height).appHash;

async function feed(node: SnapshotNode, pieces: readonly Uint8Array[]) {
  const verdicts: string[] = [];
  for (const [index, piece] of pieces.entries())
    verdicts.push((await node.snapshots.apply(index, piece, 'peer')).result);
  return verdicts;
}

/** The files of a snapshot, by name. */
function filesOf(folder: string, height: number): Record<string, string> {
  const path = join(folder, height.toString().padStart(12, '0'));
  return Object.fromEntries(
    readdirSync(path).map((name) => [name, bytesToHex(readFileSync(join(path, name)))]),
  );
}

describe('a snapshot', () => {
  it('is the same whatever way the state came about', async () => {
    const key = fc.stringMatching(/^[a-z]{1,3}\/[a-z0-9]{1,6}$/);
    const value = fc.uint8Array({ minLength: 0, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(key, value), { selector: ([name]) => name, minLength: 1, maxLength: 40 }),
        fc.uniqueArray(key, { maxLength: 8 }),
        fc.infiniteStream(fc.nat()),
        async (entries, gone, order) => {
          const names = new Set(entries.map(([name]) => name));
          const passing = gone.filter((name) => !names.has(name));
          const [one, two] = [await aSnapshotNode(), await aSnapshotNode()];
          await one.advance({}, {}, Object.fromEntries(entries));
          // The other way round, in another order, with values that came and went.
          const shuffled = entries.map((entry) => [order.next().value, entry] as const);
          shuffled.sort(([a], [b]) => a! - b!);
          const rest = Object.fromEntries(shuffled.map(([, entry]) => entry));
          const first = Object.fromEntries(passing.map((name) => [name, aValue(name)]));
          await two.advance(
            first,
            { ...rest, ...Object.fromEntries(entries.map(([name]) => [name, aValue(name)])) },
            { ...Object.fromEntries(passing.map((name) => [name, null])), ...rest },
          );
          await Promise.all([one.snapshots.take(), two.snapshots.take()]);
          expect(filesOf(one.folder, 3)).toEqual(filesOf(two.folder, 3));
        },
      ),
      { numRuns: 25 },
    );
  });

  it('holds the state of its height, not what is written while it is made', async () => {
    const node = await aSnapshotNode({ store: openLmdbStore(aFolder()) });
    await node.advance({ 'a/1': aValue('early', 3_000_000), 'b/1': aValue('gone', 3_000_000) });
    const taken = node.snapshots.take();
    await node.advance({ 'a/1': aValue('late'), 'b/1': null, 'c/1': aValue('new') }, {}, {});
    expect(await taken).toEqual({ height: 1, stateKeys: 3, pieces: 2 });
    const other = await aSnapshotNode();
    const { snapshot, pieces } = await served(node);
    expect(await other.snapshots.offer(snapshot, rootAt(node, 1))).toBe('accept');
    expect(await feed(other, pieces)).toEqual(['accept', 'accept']);
    expect(valuesOf(other).map(([name]) => name)).toEqual(['a/1', 'b/1', 'genesis']);
    expect(areBytesEqual(other.state.view.get('a/1')!, aValue('early', 3_000_000))).toBe(true);
    await node.store.close();
  });

  it('is cut into pieces that are not too large, and starts another node in the same state', async () => {
    const server = await aServer();
    const folder = aFolder();
    const joiner = await aSnapshotNode({ store: openLmdbStore(folder) });
    const { snapshot, pieces } = await served(server);
    expect(pieces.length).toBe(3);
    for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(CHUNK_BYTES);
    expect(await joiner.snapshots.offer(snapshot, rootAt(server, 3))).toBe('accept');
    expect(await feed(joiner, pieces)).toEqual(['accept', 'accept', 'accept']);
    expect(joiner.restored).toEqual([3]);
    expect(valuesOf(joiner)).toEqual(valuesOf(server));
    expect(bytesToHex(joiner.state.meta!.appHash)).toBe(bytesToHex(rootAt(server, 3)));

    // It goes on, and is there after a restart, compared with its root.
    await joiner.advance({ 'a/2': aValue('own') });
    expect(joiner.state.meta!.height).toBe(4n);
    expect(bytesToHex(joiner.state.prove('a/1', 3).appHash)).toBe(bytesToHex(rootAt(server, 3)));
    expect(() => joiner.state.prove('a/1', 2)).toThrow('Values are kept for heights from 3, not 2');
    await joiner.store.close();
    const store = openLmdbStore(folder);
    expect(openChainState({ crypto, store }, { folder }).meta!.height).toBe(4n);
    expect(existsSync(join(folder, 'incoming'))).toBe(false);
    await store.close();
  });

  it('is offered once two blocks prove it, and only the latest are kept', async () => {
    const node = await aSnapshotNode({ interval: 2, keep: 2 });
    const offered = () => node.snapshots.list().map(({ height }) => Number(height));
    const done = () => node.snapshots.close();
    await node.advance({}, {});
    await done();
    expect(offered()).toEqual([]);
    for (let block = 0; block < 6; block++) {
      await node.advance({});
      await done();
    }
    expect(offered()).toEqual([6]);
    await node.advance({}, {});
    await done();
    expect(offered()).toEqual([8]);
    expect(readdirSync(node.folder).toSorted()).toEqual(['000000000008', '000000000010']);
    expect(await node.snapshots.load(2n, 1, 0)).toHaveLength(0);
    expect(await node.snapshots.load(8n, 2, 0)).toHaveLength(0);
    expect(await node.snapshots.load(8n, 1, 1)).toHaveLength(0);
  });

  it('is dropped when its file is not what was written', async () => {
    const server = await aServer();
    const path = join(server.folder, '000000000003', 'chunk-000001');
    const bytes = readFileSync(path);
    bytes[70]! ^= 1;
    writeFileSync(path, bytes);
    expect(await server.snapshots.load(3n, 1, 0)).not.toHaveLength(0);
    expect(await server.snapshots.load(3n, 1, 1)).toHaveLength(0);
    expect(server.snapshots.list()).toEqual([]);
  });

  it('is not taken before the first block, nor while another is being written', async () => {
    const node = await aSnapshotNode();
    await expect(node.snapshots.take()).rejects.toThrow('There is no block yet');
    await node.advance({ 'a/1': aValue('one', 1_000_000) });
    const first = node.snapshots.take();
    await expect(node.snapshots.take()).rejects.toThrow('A snapshot is being written.');
    expect((await first).height).toBe(1);
  });
});
