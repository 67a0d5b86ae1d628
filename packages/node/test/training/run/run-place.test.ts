import { bytesToHex, hexToBytes } from '@cairn/core';
import { createMemoryNetwork } from '@cairn/network';
import type { CaseView, PeerName, RunReader, RunView } from '@cairn/protocol';
import type { TrainedPlace } from '@cairn/training';
import { expect, it, onTestFinished } from 'vitest';
import { systemTimer } from '../../../src/real/timer.ts';
import type { NodeParts } from '../../../src/roles/parts.ts';
import { openRunPlace } from '../../../src/training/run/run-place.ts';
import { aFolder, aRecordStore } from '../../data/parts.ts';
import { aLog, crypto } from '../../rpc/parts.ts';
import { townTerms } from '../run-town.ts';
import { aMadeRun, damage } from './parts.ts';

const RUN = new Uint8Array(32).fill(7);

/** A machine that opened a run, and another that has everything of it. */
async function aMachine() {
  const { made, library } = await aMadeRun();
  const network = createMemoryNetwork();
  const log = aLog();
  const parts = { crypto, log, timer: systemTimer } as unknown as NodeParts;
  const open = (name: string) => {
    const folder = aFolder();
    const records = aRecordStore();
    const donors = (): PeerName[] => [];
    const place = openRunPlace(parts, { folder, records, transport: network.join(name), donors });
    onTestFinished(() => place[Symbol.asyncDispose]());
    return { folder, place };
  };
  const [owner, own] = [open('owner'), open('own')];
  for (const id of library.blobsOf(made.id)) await owner.place.library.put('run', (await library.get(id))!);
  const run = {
    ...{ id: RUN, manifest: hexToBytes(made.id), manifestBytes: made.bytes.length, parent: null },
    terms: townTerms(made.manifest),
  } as unknown as RunView;
  const cases: Pick<CaseView, 'round'>[] = [];
  const ledger = {
    run: async () => run,
    round: async () => null,
    cases: async () => cases,
  } as unknown as RunReader;
  const name = bytesToHex(RUN);
  await own.place.fetch(
    name,
    library.blobsOf(made.id).map((id) => ({ id })),
    ['owner'],
    log,
  );
  const desk = await own.place.desk(ledger, name, log);
  const base = await desk.compute.start(made.manifest.initial.seed!);
  const blobs = library.blobsOf(made.id);
  return { ...{ run, cases, desk, base, folder: own.folder, blobs }, owner: owner.place, own: own.place };
}

it('a blob that is damaged on disk and that only the thread reads is fetched again', async () => {
  const { desk, base, owner, folder, blobs } = await aMachine();
  const task = { base, run: RUN, round: 1, seat: 1, halvings: 0, residual: null, firstBatch: 0 };
  // Shards are among them, which are fetched when a run is opened and not after.
  await desk.fetch([{ id: blobs[0]! }], ['owner']);
  for (const id of blobs) damage(folder, id);
  await expect(desk.compute.train(task)).rejects.toMatchObject({ code: 'THREAD_FAILED' });
  const { update } = (await desk.compute.train(task)) as TrainedPlace;
  const id = await owner.library.put('run', update);
  const blob = { id, seat: 1, steps: 3, maxBytes: update.length };
  const check = async () => {
    await desk.fetch([blob], ['owner']);
    return desk.compute.check({ base, run: RUN, round: 1, updates: [blob] });
  };
  expect(await check()).toEqual([true]);
  damage(folder, id);
  await expect(check()).rejects.toMatchObject({ code: 'THREAD_FAILED' });
  expect(await check()).toEqual([true]);
});

it('what was fetched for a round is forgotten when nobody can ask for it any more', async () => {
  const { desk, owner, own, run, cases, blobs } = await aMachine();
  const fetched: string[] = [];
  for (const [round, use] of [
    ...[[4, 'weights'] as const, [5, 'weights'] as const],
    ...[[6, 'cases'] as const, [7, 'cases'] as const, [9, 'cases'] as const],
  ]) {
    const id = await owner.library.put('run', Uint8Array.of(round, use.length));
    await desk.fetch([{ id }], ['owner'], { round, use });
    fetched.push(id);
  }
  const tidy = async (keptRound: number, unvestedRound: number) => {
    await desk.tidy({ ...run, keptRound, unvestedRound });
    return fetched.map((id) => own.library.has(id));
  };
  expect(await tidy(4, 7)).toEqual([true, true, true, true, true]);
  // The case needs what was left unsent in the round before.
  cases.push({ round: 8 });
  expect(await tidy(5, 10)).toEqual([false, true, false, true, true]);
  cases.pop();
  expect(await tidy(5, 11)).toEqual([false, true, false, false, false]);
  expect(blobs.every((id) => own.library.has(id))).toBe(true);
});
