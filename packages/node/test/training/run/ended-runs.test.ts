import { bytesToHex } from '@cairn/core';
import type { RoundView, RunReader, RunView } from '@cairn/protocol';
import { expect, it, onTestFinished } from 'vitest';
import { systemTimer } from '../../../src/real/timer.ts';
import { followToEnd } from '../../../src/training/run/follow-to-end.ts';
import { watchRuns } from '../../../src/training/run/watch-runs.ts';
import { aLog } from '../../rpc/parts.ts';
import { aLibrary, bytesOf } from '../library/parts.ts';

const [OVER, LIVE] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
const aRun = (id: Uint8Array, phase: string) => ({ id, phase }) as unknown as RunView;

/** A library that is full of two runs, of which it may lose what is of a run that ended. */
async function aFullLibrary() {
  const { library } = aLibrary({ options: { maxBytes: 100 } });
  await library.put(bytesToHex(OVER), bytesOf(50, 1));
  await library.put(bytesToHex(LIVE), bytesOf(50, 2));
  return library;
}

it('a run that is seen to have ended makes room for others, also when it ended while the node was off', async () => {
  const library = await aFullLibrary();
  const looked = Promise.withResolvers<void>();
  const ledger = {
    runs: async (after?: Uint8Array) =>
      after === undefined ? [aRun(OVER, 'ended'), aRun(LIVE, 'train')] : [],
  } as unknown as RunReader;
  const watching = watchRuns(
    { timer: systemTimer },
    aLog(),
    { ledger, library, isWanted: async () => true },
    async () => looked.resolve(),
  );
  onTestFinished(() => watching[Symbol.asyncDispose]());
  await looked.promise;
  await library.put('next', bytesOf(30, 3));
  expect([OVER, LIVE].map((id) => library.blobsOf(bytesToHex(id)).length)).toEqual([0, 1]);
});

it('a run that a trainer followed to its end makes room for others, and not one that it left', async () => {
  const library = await aFullLibrary();
  const phases = new Map([
    [bytesToHex(OVER), 'ended'],
    [bytesToHex(LIVE), 'train'],
  ]);
  const ledger = {
    round: async (id: Uint8Array) => ({ run: aRun(id, phases.get(bytesToHex(id))!) }) as unknown as RoundView,
    watch: async function* () {},
  } as unknown as RunReader;
  const parts = { ledger, library, timer: systemTimer, log: aLog() };
  const over = new AbortController();
  await followToEnd(parts, LIVE, async () => over.abort(), over.signal);
  await expect(library.put('next', bytesOf(30, 3))).rejects.toMatchObject({ code: 'LIBRARY_FULL' });
  await followToEnd(parts, OVER, async () => undefined, new AbortController().signal);
  await library.put('next', bytesOf(30, 3));
  expect([OVER, LIVE].map((id) => library.blobsOf(bytesToHex(id)).length)).toEqual([0, 1]);
});
