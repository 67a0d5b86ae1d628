import { createHash } from 'node:crypto';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createManualTime } from '@cairn/chain';
import { bytesToHex, hexToBytes } from '@cairn/core';
import { digestFile } from '@cairn/engines';
import type { Offer } from '@cairn/ledger';
import { chunkCount, drawChunk } from '@cairn/mechanisms';
import { createMemoryNetwork } from '@cairn/network';
import { CHUNK_BYTES, CHUNK_PROTOCOL, encodeChunkFrame, type Stream } from '@cairn/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { challengeMiners } from '../../src/validator/challenge-miners.ts';
import { challengeChunk } from '../../src/verification/challenge-chunk.ts';
import { serveChunks } from '../../src/verification/chunk-server.ts';
import { aLog, crypto } from '../rpc/parts.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cairn-chunk-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Bytes in which no two chunks are alike. */
function aModel(sizeBytes: number, salt = 0): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  let state = salt + 1;
  for (let at = 0; at < sizeBytes; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

async function aTown(bytes: Uint8Array) {
  const time = createManualTime(0);
  const network = createMemoryNetwork({});
  const [server, client] = [network.join('miner'), network.join('validator')];
  const path = join(folder, 'model.gguf');
  await writeFile(path, bytes);
  const digest = await digestFile(path);
  const artifact = {
    sha256: hexToBytes(digest.sha256),
    merkleRoot: hexToBytes(digest.merkleRoot),
    sizeBytes: BigInt(digest.sizeBytes),
  };
  const parts = { crypto, clock: time.clock, timer: time.timer, transport: client };
  const serve = (file = path) =>
    serveChunks({ crypto, transport: server, timer: time.timer, log: aLog() }, [
      { sha256: artifact.sha256, path: file },
    ]);
  const answerWith = (answer: (stream: Stream) => Promise<void>) =>
    server.listen(CHUNK_PROTOCOL, async (stream) => {
      await stream.read();
      await answer(stream);
    });
  const challenge = (index: number, of = artifact) => challengeChunk(parts, 'miner', of, index);
  return { time, path, artifact, parts, serve, answerWith, challenge };
}

describe('a challenge of a chunk', () => {
  it.each([1, 1000, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 5 * CHUNK_BYTES + 77])(
    'is met for every chunk of a file of %i bytes by who holds it',
    async (sizeBytes) => {
      const { artifact, serve, challenge } = await aTown(aModel(sizeBytes));
      using _server = serve();
      for (let index = 0; index < chunkCount(artifact.sizeBytes); index += 1)
        expect(await challenge(index), `chunk ${index}`).toMatchObject({ ok: true });
      expect(await challenge(chunkCount(artifact.sizeBytes))).toEqual({ ok: false, reason: 'absent' });
    },
  );

  it('finds who holds another file of the same size', async () => {
    const { serve, challenge } = await aTown(aModel(3 * CHUNK_BYTES));
    const other = join(folder, 'other.gguf');
    await writeFile(other, aModel(3 * CHUNK_BYTES, 1));
    using _server = serve(other);
    expect(await challenge(1)).toEqual({ ok: false, reason: 'wrong' });
  });

  it('finds who pruned the file, in the chunks that are gone and in all others', async () => {
    const { path, serve, challenge } = await aTown(aModel(4 * CHUNK_BYTES));
    await truncate(path, 2 * CHUNK_BYTES);
    using _server = serve();
    expect(await challenge(3)).toEqual({ ok: false, reason: 'absent' });
    expect(await challenge(0)).toEqual({ ok: false, reason: 'wrong' });
  });

  it('finds who shows the right chunk of another place', async () => {
    const bytes = aModel(2 * CHUNK_BYTES);
    const { answerWith, challenge } = await aTown(bytes);
    const shown = bytes.subarray(0, CHUNK_BYTES);
    const beside = createHash('sha256').update(Uint8Array.of(0)).update(bytes.subarray(CHUNK_BYTES)).digest();
    answerWith((stream) =>
      stream.write(encodeChunkFrame({ type: 'chunk', bytes: shown, path: [new Uint8Array(beside)] })),
    );
    expect(await challenge(0)).toMatchObject({ ok: true });
    expect(await challenge(1)).toEqual({ ok: false, reason: 'wrong' });
  });

  it('takes no inner node for a chunk and no path that is too long', async () => {
    const bytes = aModel(2 * CHUNK_BYTES);
    const { answerWith, challenge, artifact } = await aTown(bytes);
    const extra = [artifact.merkleRoot, artifact.merkleRoot];
    answerWith((stream) =>
      stream.write(encodeChunkFrame({ type: 'chunk', bytes: bytes.subarray(0, CHUNK_BYTES), path: extra })),
    );
    expect(await challenge(0)).toEqual({ ok: false, reason: 'wrong' });
  });

  it.each<[string, Uint8Array]>([
    ['garbage', new Uint8Array(100).fill(255)],
    ['a frame that is too large', new Uint8Array(2 * CHUNK_BYTES)],
  ])('refuses %s', async (_what, frame) => {
    const { answerWith, challenge } = await aTown(aModel(100));
    answerWith((stream) => stream.write(frame));
    expect(await challenge(0)).toEqual({ ok: false, reason: 'malformed' });
  });

  it('is lost by who answers too late, or not at all', async () => {
    const { time, answerWith, challenge } = await aTown(aModel(100));
    answerWith(() => new Promise(() => undefined));
    const outcome = challenge(0);
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    await time.advance(5_001);
    expect(await outcome).toEqual({ ok: false, reason: 'late' });
  });

  it('is lost by who cannot be reached', async () => {
    const { challenge } = await aTown(aModel(100));
    expect(await challenge(0)).toEqual({ ok: false, reason: 'unreachable' });
  });
});

describe('a validator that challenges its miners', () => {
  const salt = new Uint8Array(32).fill(3);
  const logOf = async (town: Awaited<ReturnType<typeof aTown>>, artifacts: readonly object[] | null) => {
    const lines: string[] = [];
    const note = (message: string) => lines.push(message);
    const log = { ...aLog(), debug: note, info: note, warn: note };
    const ledger = { query: async <T>() => (artifacts === null ? null : { artifacts }) as T };
    const terms = { model: new Uint8Array(32), artifact: town.artifact.sha256, peer: 'miner' };
    const asked = { uid: 1, miner: new Uint8Array(32).fill(4), offer: { terms } as Offer };
    await challengeMiners({ ...town.parts, ledger, log }, salt, [asked]);
    return lines;
  };
  const listed = ({ artifact }: Awaited<ReturnType<typeof aTown>>, format = 'gguf') => ({
    path: 'model.gguf',
    format,
    quantisation: 'f16',
    sizeBytes: artifact.sizeBytes.toString(),
    sha256: bytesToHex(artifact.sha256),
    merkleRoot: bytesToHex(artifact.merkleRoot),
  });

  it('warns of one that holds another file, and of no honest one', async () => {
    const town = await aTown(aModel(2 * CHUNK_BYTES));
    const other = join(folder, 'other.gguf');
    await writeFile(other, aModel(2 * CHUNK_BYTES, 1));
    const honest = town.serve();
    expect(await logOf(town, [listed(town)])).toEqual(['a miner showed a chunk of its model']);
    honest[Symbol.dispose]();
    using _cheat = town.serve(other);
    expect(await logOf(town, [listed(town)])).toEqual(['a miner holds another file than it offers']);
  });

  it('asks nothing of a model that runs elsewhere or is not registered', async () => {
    const town = await aTown(aModel(10));
    expect(await logOf(town, [listed(town, 'upstream')])).toEqual([]);
    expect(await logOf(town, null)).toEqual([]);
  });

  it('notes one that cannot be reached', async () => {
    const town = await aTown(aModel(10));
    expect(await logOf(town, [listed(town)])).toEqual(['a miner did not show a chunk of its model']);
  });
});

describe('drawChunk', () => {
  it('reaches every chunk, and depends on seed, provider and artifact', () => {
    const artifact = { sha256: new Uint8Array(32).fill(1), sizeBytes: BigInt(8 * CHUNK_BYTES) };
    const provider = new Uint8Array(32);
    const draw = (seed: number) => drawChunk(crypto, new Uint8Array(32).fill(seed), provider, artifact);
    const drawn = Array.from({ length: 200 }, (_, seed) => draw(seed));
    expect(new Set(drawn).size).toBe(8);
    expect(Math.max(...drawn)).toBe(7);
  });
});
