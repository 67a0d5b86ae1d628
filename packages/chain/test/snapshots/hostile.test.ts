import { bytesToHex, concatBytes, utf8ToBytes } from '@cairn/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../../src/abci/snapshots.ts';
import {
  CHUNK_BYTES,
  entrySize,
  metadataFromBytes,
  metadataToBytes,
  putEntry,
  type SnapshotMetadata,
  snapshotHash,
} from '../../src/snapshots/format.ts';
import { crypto } from '../parts.ts';
import { aServer, aSnapshotNode, aValue, type SnapshotNode, valuesOf } from './parts.ts';

/** A snapshot whose hashes all fit what somebody made up. */
function forged(metadata: SnapshotMetadata): Snapshot {
  const bytes = metadataToBytes(metadata);
  return {
    height: metadata.height,
    format: 1,
    chunks: metadata.chunkHashes.length,
    hash: snapshotHash(crypto, bytes),
    metadata: bytes,
  };
}

function aChunk(entries: readonly (readonly [string, Uint8Array])[]): Uint8Array {
  const chunk = new Uint8Array(entries.reduce((size, [key, value]) => size + entrySize(key, value), 0));
  let offset = 0;
  for (const [key, value] of entries) {
    putEntry(chunk, offset, key, value);
    offset += entrySize(key, value);
  }
  return chunk;
}

async function aCase() {
  const server = await aServer();
  const joiner = await aSnapshotNode();
  const [snapshot] = server.snapshots.list();
  const { appHash } = server.state.prove('a/1', 3);
  const pieces = await Promise.all([0, 1, 2].map((index) => server.snapshots.load(3n, 1, index)));
  return { joiner, snapshot: snapshot!, appHash, pieces, metadata: metadataFromBytes(snapshot!.metadata) };
}

const before = await aSnapshotNode();
const untouched = { values: valuesOf(before), root: bytesToHex(before.state.meta!.appHash) };

function expectUntouched({ state, restored }: SnapshotNode): void {
  expect(state.meta!.height).toBe(0n);
  expect(bytesToHex(state.meta!.appHash)).toBe(untouched.root);
  expect(valuesOf({ state })).toEqual(untouched.values);
  expect(restored).toEqual([]);
}

describe('a snapshot that lies', () => {
  it('is not begun when what it says of itself does not fit', async () => {
    const { joiner, snapshot, appHash, metadata } = await aCase();
    const offers: [string, Snapshot, Uint8Array][] = [
      ['no metadata', { ...snapshot, metadata: new Uint8Array(0) }, appHash],
      ['cut metadata', { ...snapshot, metadata: snapshot.metadata.subarray(1) }, appHash],
      ['other hash', { ...snapshot, hash: new Uint8Array(32) }, appHash],
      ['other height', { ...snapshot, height: 4n }, appHash],
      ['height 0', forged({ ...metadata, height: 0n }), appHash],
      ['other root', snapshot, new Uint8Array(32)],
      ['its own root', forged({ ...metadata, appHash: new Uint8Array(32) }), appHash],
      ['other chain', forged({ ...metadata, chainId: new Uint8Array(32) }), appHash],
      ['other count', { ...snapshot, chunks: 2 }, appHash],
      ['no pieces', forged({ ...metadata, chunkHashes: [] }), appHash],
      ['no values', forged({ ...metadata, stateKeys: 0n }), appHash],
    ];
    for (const [what, offered, root] of offers)
      expect(await joiner.snapshots.offer(offered, root), what).toBe('reject');
    expect(await joiner.snapshots.offer({ ...snapshot, format: 2 }, appHash)).toBe('rejectFormat');
    expect((await joiner.snapshots.apply(0, new Uint8Array(1), 'peer')).result).toBe('abort');
    expectUntouched(joiner);
  });

  it('is refused by a node that has blocks', async () => {
    const { joiner, snapshot, appHash } = await aCase();
    await joiner.advance({});
    expect(await joiner.snapshots.offer(snapshot, appHash)).toBe('abort');
  });

  it('has each wrong piece asked for again, from others', async () => {
    const { joiner, snapshot, appHash, pieces } = await aCase();
    expect(await joiner.snapshots.offer(snapshot, appHash)).toBe('accept');
    const wrong = { result: 'retry', refetch: [0], rejectSenders: ['mallory'] };
    await fc.assert(
      fc.asyncProperty(fc.nat(pieces[0]!.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const bent = pieces[0]!.slice();
        bent[at]! ^= flip;
        expect(await joiner.snapshots.apply(0, bent, 'mallory')).toEqual(wrong);
      }),
      { numRuns: 20 },
    );
    for (const other of [
      new Uint8Array(0),
      pieces[1]!,
      pieces[0]!.subarray(1),
      new Uint8Array(CHUNK_BYTES + 1),
    ])
      expect(await joiner.snapshots.apply(0, other, 'mallory')).toEqual(wrong);
    expect(await joiner.snapshots.apply(0, pieces[1]!, '')).toEqual({ ...wrong, rejectSenders: [] });
    expectUntouched(joiner);
    // The right one is still welcome, and all ends well.
    for (const [index, piece] of pieces.entries())
      expect(await joiner.snapshots.apply(index, piece, 'peer')).toEqual({ result: 'accept' });
    expect(joiner.restored).toEqual([3]);
  });

  it('gives up on pieces out of turn, and may be offered again', async () => {
    const { joiner, snapshot, appHash, pieces } = await aCase();
    await joiner.snapshots.offer(snapshot, appHash);
    expect((await joiner.snapshots.apply(1, pieces[1]!, 'peer')).result).toBe('abort');
    expect((await joiner.snapshots.apply(0, pieces[0]!, 'peer')).result).toBe('accept');
    expect((await joiner.snapshots.apply(0, pieces[0]!, 'peer')).result).toBe('abort');
    expect((await joiner.snapshots.apply(7, pieces[0]!, 'peer')).result).toBe('abort');
    expect(await joiner.snapshots.offer(snapshot, appHash)).toBe('accept');
    for (const [index, piece] of pieces.entries())
      expect((await joiner.snapshots.apply(index, piece, 'peer')).result).toBe('accept');
    expect(joiner.restored).toEqual([3]);
  });

  it('leaves nothing when its pieces fit its hashes and are no state, or another', async () => {
    const { joiner, appHash, metadata } = await aCase();
    const good = [['a/1', aValue('1')] as const, ['b/1', aValue('2')] as const];
    const whole = aChunk(good);
    const long = concatBytes(whole, Uint8Array.of(1));
    const cases: [string, Uint8Array[], bigint][] = [
      ['another state', [whole], 2n],
      ['fewer values than promised', [whole], 3n],
      ['more values than promised', [whole], 1n],
      ['keys that fall', [aChunk([good[1]!, good[0]!])], 2n],
      ['a key twice', [aChunk([good[0]!, good[0]!])], 2n],
      ['a key twice in two pieces', [whole, aChunk([good[1]!])], 3n],
      ['a key that is no text', [aChunk([['a\u0001b', aValue('1')]])], 1n],
      ['an empty key', [aChunk([['', aValue('1')]])], 1n],
      ['a long key', [aChunk([['k'.repeat(1_025), aValue('1')]])], 1n],
      ['bytes after the last', [long], 2n],
      ['a value that is cut off', [whole.subarray(0, whole.length - 1)], 2n],
      ['text', [utf8ToBytes('not a state at all')], 1n],
    ];
    for (const [what, pieces, stateKeys] of cases) {
      const chunkHashes = pieces.map((piece) => crypto.sha256(piece));
      const snapshot = forged({ ...metadata, appHash, stateKeys, chunkHashes });
      expect(await joiner.snapshots.offer(snapshot, appHash), what).toBe('accept');
      const verdicts: string[] = [];
      for (const [index, piece] of pieces.entries())
        verdicts.push((await joiner.snapshots.apply(index, piece, 'peer')).result);
      expect(verdicts.at(-1), what).toBe('rejectSnapshot');
      expect((await joiner.snapshots.apply(0, pieces[0]!, 'peer')).result, what).toBe('abort');
      expectUntouched(joiner);
    }
  });

  it('survives any bytes as metadata or piece', async () => {
    const { joiner, snapshot, appHash } = await aCase();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        const hash = snapshotHash(crypto, bytes);
        expect(await joiner.snapshots.offer({ ...snapshot, metadata: bytes, hash }, appHash)).toBe('reject');
      }),
      { numRuns: 200 },
    );
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 400 }), async (bytes) => {
        const metadata = metadataFromBytes(snapshot.metadata);
        const offered = forged({ ...metadata, chunkHashes: [crypto.sha256(bytes)], stateKeys: 1n });
        expect(await joiner.snapshots.offer(offered, appHash)).toBe('accept');
        expect((await joiner.snapshots.apply(0, bytes, 'peer')).result).toBe('rejectSnapshot');
      }),
      { numRuns: 200 },
    );
    expectUntouched(joiner);
  });
});
