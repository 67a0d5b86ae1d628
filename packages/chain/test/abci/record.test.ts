import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesToHex } from '@cairn/core';
import { RequestFinalizeBlock, ResponseFinalizeBlock } from 'cosmjs-types/tendermint/abci/types';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { frameOf } from '../../src/abci/frame.ts';
import { openBlockRecorder } from '../../src/abci/record.ts';
import { ChainError, replayRecorded } from '../../src/index.ts';
import { aFolder, crypto } from '../parts.ts';
import { votingGenesis } from './abci-town.ts';
import { type Decided, decidedBlocks, recordOf } from './recording.ts';

const BLOCKS = 6;
const genesis = votingGenesis;
const aPath = () => join(aFolder(), 'blocks');

let decided: readonly Decided[];
beforeAll(async () => {
  decided = await decidedBlocks(BLOCKS);
});

async function recordTo(path: string, height: number, blocks: readonly Decided[]): Promise<string> {
  await using recorder = await openBlockRecorder(path, height);
  for (const { request, response } of blocks) await recorder.record(request, response);
  return path;
}

async function aFile(...parts: readonly Uint8Array[]): Promise<string> {
  const path = aPath();
  await writeFile(path, Buffer.concat(parts));
  return path;
}

const replay = (path: string) => replayRecorded({ crypto }, { genesis, path });

describe('a recording', () => {
  it('is replayed to the root of each block', async () => {
    const heights: number[] = [];
    const path = await recordTo(aPath(), 0, decided);
    const { blocks, transactions, appHash, cutOffAt } = await replayRecorded(
      { crypto },
      { genesis, path, onBlock: (height) => heights.push(height) },
    );
    expect({ blocks, transactions, cutOffAt }).toEqual({
      blocks: BLOCKS,
      transactions: BLOCKS,
      cutOffAt: null,
    });
    expect(bytesToHex(appHash)).toBe(bytesToHex(decided.at(-1)!.response.appHash));
    expect(heights).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('goes on after a crash: half a record is cut off, a block that comes again counts once', async () => {
    const path = await recordTo(aPath(), 0, decided.slice(0, 3));
    const whole = await readFile(path);
    const half = recordOf(decided[3]!).subarray(0, -5);
    await writeFile(path, Buffer.concat([whole, half]));
    expect((await replay(path)).cutOffAt).toBe(whole.length);
    // The third was decided and not committed.
    await recordTo(path, 2, decided.slice(2));
    expect(await replay(path)).toMatchObject({ blocks: BLOCKS, transactions: BLOCKS, cutOffAt: null });
  });

  it('is refused where it would have a hole, and where it is of another run', async () => {
    const path = await recordTo(aPath(), 0, decided.slice(0, 3));
    const before = await readFile(path);
    for (const [at, height] of [
      [path, 4],
      [path, 1],
      [aPath(), 1],
    ] as const) {
      const recorded = at === path ? 3 : 0;
      await expect(openBlockRecorder(at, height), `${recorded} of ${height}`).rejects.toMatchObject({
        problem: { code: 'RECORDING_UNFIT', path: at, recorded, height },
      });
    }
    expect(await readFile(path)).toEqual(before);
  });

  it('names the first height whose root is another', async () => {
    const changed = { ...decided[3]!, response: { ...decided[3]!.response, appHash: new Uint8Array(32) } };
    const path = await aFile(...[...decided.slice(0, 3), changed, ...decided.slice(4)].map(recordOf));
    await expect(replay(path)).rejects.toMatchObject({
      problem: { code: 'REPLAY_DIFFERS', height: 4, recorded: '00'.repeat(32) },
    });
    const lost = { ...decided[1]!, request: { ...decided[1]!.request, txs: [] } };
    const without = await aFile(...[decided[0]!, lost, ...decided.slice(2)].map(recordOf));
    await expect(replay(without)).rejects.toMatchObject({ problem: { code: 'REPLAY_DIFFERS', height: 2 } });
  });

  it('names the byte where it is damaged', async () => {
    const parts = decided.map(recordOf);
    const offset = parts[0]!.length + parts[1]!.length;
    const [, , third] = decided as [Decided, Decided, Decided];
    const answer = frameOf(ResponseFinalizeBlock.encode(third.response).finish());
    const noRoot = frameOf(
      ResponseFinalizeBlock.encode({ ...third.response, appHash: new Uint8Array(3) }).finish(),
    );
    const asked = frameOf(RequestFinalizeBlock.encode(third.request).finish());
    const head = [parts[0]!, parts[1]!];
    for (const [what, at, reason, ...rest] of [
      ['no length', offset, /no length/, Uint8Array.of(255, 255, 255, 255, 255, 255)],
      ['a length of 4 GB', offset, /no length/, Uint8Array.of(255, 255, 255, 255, 15, 1)],
      ['no message', offset, /no message/, frameOf(new Uint8Array(40).fill(255))],
      ['an answer twice', offset, /no message/, answer, answer],
      ['no root', offset + asked.length, /a root of 3 bytes/, asked, noRoot],
      ['a block left out', offset, /block 4 comes after block 2/, parts[3]!],
      ['an older block', offset, /block 1 comes after block 2/, parts[0]!],
    ] as const) {
      const path = await aFile(...head, ...rest);
      await expect(replay(path), what).rejects.toMatchObject({
        problem: { code: 'RECORDING_MALFORMED', path, offset: at, reason: expect.stringMatching(reason) },
      });
      // Nothing is added to it, and nothing taken from it.
      await expect(openBlockRecorder(path, 2), what).rejects.toMatchObject({ code: 'RECORDING_MALFORMED' });
    }
    const later = await aFile(...parts.slice(2));
    await expect(replay(later)).rejects.toMatchObject({
      problem: { code: 'RECORDING_MALFORMED', offset: 0, reason: 'block 3 comes after block 0' },
    });
    await expect(replay(await aFile())).rejects.toMatchObject({
      problem: { code: 'RECORDING_MALFORMED', offset: 0 },
    });
  });

  it('says what it is when it cannot be opened', async () => {
    const path = aPath();
    await expect(replay(path)).rejects.toMatchObject({ problem: { code: 'RECORDING_UNREADABLE', path } });
    await expect(openBlockRecorder(join(path, 'blocks'), 0)).rejects.toMatchObject({
      code: 'RECORDING_UNREADABLE',
    });
    await expect(replay(aFolder())).rejects.toMatchObject({ problem: { reason: 'EISDIR' } });
  });

  it('never fails but by a code of its own, whatever bit is flipped', async () => {
    const whole = Buffer.concat(decided.map(recordOf));
    const CODES = ['RECORDING_MALFORMED', 'REPLAY_DIFFERS'];
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(7), async (at, bit) => {
        const flipped = Buffer.from(whole);
        flipped[at]! ^= 1 << bit;
        const path = await aFile(flipped);
        const error: unknown = await replay(path).then(
          () => null,
          (thrown: unknown) => thrown,
        );
        // Some bits say nothing to the ledger, such as the round of the votes.
        if (error === null) return;
        expect(error, String(error)).toBeInstanceOf(ChainError);
        expect(CODES).toContain((error as ChainError).code);
      }),
      { numRuns: 60 },
    );
  });
});
