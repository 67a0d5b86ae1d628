import { bytesToHex, hexToBytes } from '@cairn/core';
import { createMemoryNetwork } from '@cairn/network';
import type { PeerName, RunReader, RunView } from '@cairn/protocol';
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
  const ledger = { run: async () => run } as unknown as RunReader;
  const name = bytesToHex(RUN);
  await own.place.fetch(
    name,
    library.blobsOf(made.id).map((id) => ({ id })),
    ['owner'],
    log,
  );
  const desk = await own.place.desk(ledger, name, log);
  const base = await desk.compute.start(made.manifest.initial.seed!);
  return { desk, base, owner: owner.place, folder: own.folder, blobs: library.blobsOf(made.id) };
}

it('a blob that is damaged on disk and that only the thread reads is fetched again', async () => {
  const { desk, base, owner, folder, blobs } = await aMachine();
  const task = { base, run: RUN, round: 1, halvings: 0, residual: null, firstBatch: 0 };
  // Shards are among them, which are fetched when a run is opened and not after.
  await desk.fetch([{ id: blobs[0]! }], ['owner']);
  for (const id of blobs) damage(folder, id);
  await expect(desk.compute.train(task)).rejects.toMatchObject({ code: 'THREAD_FAILED' });
  const { update } = (await desk.compute.train(task)) as TrainedPlace;
  const id = await owner.library.put('run', update);
  const blob = { id, steps: 3, maxBytes: update.length };
  const check = async () => {
    await desk.fetch([blob], ['owner']);
    return desk.compute.check({ base, run: RUN, round: 1, updates: [blob] });
  };
  expect(await check()).toEqual([true]);
  damage(folder, id);
  await expect(check()).rejects.toMatchObject({ code: 'THREAD_FAILED' });
  expect(await check()).toEqual([true]);
});
