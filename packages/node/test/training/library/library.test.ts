import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { holderOf } from '@cairn/training';
import { describe, expect, it } from 'vitest';
import { createFileBlobStore } from '../../../src/data/blob-store.ts';
import { aFolder } from '../../data/parts.ts';
import { aLibrary, bytesOf, idOf } from './parts.ts';

describe('a library', () => {
  it('keeps what it is given, also over a restart, and shows it', async () => {
    const { library, records, blobs } = aLibrary();
    const id = await library.put('one', bytesOf(10));
    expect(id).toBe(idOf(bytesOf(10)));
    const again = aLibrary({ records, blobs }).library;
    expect(again.has(id)).toBe(true);
    expect(await again.getShown(id)).toEqual(bytesOf(10));
    expect(again.sizeBytes('one')).toBe(10);
    expect(again.blobsOf('one')).toEqual([id]);
  });

  it('shows an update to nobody before its time', async () => {
    const { library } = aLibrary();
    const id = await library.put('one', bytesOf(10), { isHidden: true });
    expect(await library.getShown(id)).toBeNull();
    expect(await library.get(id)).toEqual(bytesOf(10));
    await library.show(id);
    expect(await library.getShown(id)).toEqual(bytesOf(10));
    await library.put('one', bytesOf(10), { isHidden: true });
    expect(await library.getShown(id)).toEqual(bytesOf(10));
  });

  it('forgets a blob when the last run that needs it lets it go', async () => {
    const { library, blobs } = aLibrary();
    const id = await library.put('one', bytesOf(10));
    expect(await library.share('two', id)).toBe(true);
    expect(await library.share('two', idOf(bytesOf(11)))).toBe(false);
    await library.drop('one', id);
    expect(await library.get(id)).toEqual(bytesOf(10));
    await library.drop('two', id);
    expect(library.has(id)).toBe(false);
    expect(await blobs.get(id)).toBeNull();
    expect(library.sizeBytes()).toBe(0);
  });

  it('forgets what was held for rounds that are over, and nothing that is held for others too', async () => {
    const { library } = aLibrary();
    const held = (round: number, use: 'weights' | 'cases' = 'weights') => holderOf('one', { round, use });
    const [first, both, second, own, judged] = await Promise.all([
      library.put(held(1), bytesOf(10, 1)),
      library.put(held(1), bytesOf(10, 2)),
      library.put(held(2), bytesOf(10, 3)),
      library.put('one', bytesOf(10, 4)),
      library.put(held(1, 'cases'), bytesOf(10, 5)),
    ]);
    await library.share(held(12), both!);
    await library.share(held(1), own!);
    await library.forget('two', 'weights', 20);
    expect([library.sizeBytes('one'), library.blobsOf('one').length]).toEqual([50, 5]);
    await library.forget('one', 'weights', 2);
    expect(library.has(first!)).toBe(false);
    expect([both, second, own, judged].map((id) => library.has(id!))).toEqual([true, true, true, true]);
    await library.forget('one', 'cases', 2);
    expect(library.blobsOf('one')).toEqual([both, second, own]);
  });

  it('counts a blob once for each run that needs it, however many of its rounds do', async () => {
    const { library, records, blobs } = aLibrary();
    const id = await library.put(holderOf('one', { round: 1, use: 'weights' }), bytesOf(10));
    await library.share(holderOf('one', { round: 2, use: 'weights' }), id);
    await library.share('two', id);
    await library.put('two', bytesOf(5));
    const sizes = (of: typeof library) => [of.sizeBytes(), of.sizeBytes('one'), of.sizeBytes('two')];
    expect(sizes(library)).toEqual([15, 10, 15]);
    expect(sizes(aLibrary({ records, blobs }).library)).toEqual([15, 10, 15]);
    await library.forget('one', 'weights', 2);
    expect(sizes(library)).toEqual([15, 10, 15]);
    await library.forget('one', 'weights', 3);
    expect(sizes(library)).toEqual([15, 0, 15]);
    await library.drop('two', id);
    expect(sizes(library)).toEqual([5, 0, 5]);
  });

  it('takes no more of one run than it may have', async () => {
    const { library } = aLibrary({ options: { maxRunBytes: 100 } });
    await library.put('one', bytesOf(60));
    await expect(library.put('one', bytesOf(41, 1))).rejects.toMatchObject({
      problem: { code: 'LIBRARY_FULL', run: 'one', sizeBytes: 41, limitBytes: 100 },
    });
    await library.put('two', bytesOf(41, 1));
    await expect(
      library.put(holderOf('one', { round: 3, use: 'cases' }), bytesOf(41, 2)),
    ).rejects.toMatchObject({ problem: { code: 'LIBRARY_FULL', run: 'one' } });
  });

  it('makes room in a run by its oldest released checkpoints, and keeps the newest two', async () => {
    const { library } = aLibrary({ options: { maxRunBytes: 100 } });
    const released = (round: number) => holderOf('one', { round, use: 'releases' });
    const shard = await library.put('one', bytesOf(10));
    const pages: string[] = [];
    for (const round of [9, 10, 20, 30]) pages.push(await library.put(released(round), bytesOf(30, round)));
    await library.share(released(30), pages[1]!);
    const isHere = () => [shard, ...pages].map((id) => library.has(id));
    expect(isHere()).toEqual([true, false, true, true, true]);
    await expect(library.put('one', bytesOf(30, 1))).rejects.toMatchObject({ code: 'LIBRARY_FULL' });
    expect(isHere(), 'what a newer one has too').toEqual([true, false, true, true, true]);
    await library.put(released(40), bytesOf(1, 40));
    expect(isHere()).toEqual([true, false, true, false, true]);
  });

  it('makes room for the work of rounds by the pages of checkpoints that it keeps for others', async () => {
    const { library } = aLibrary({ options: { maxRunBytes: 100 } });
    const kept = (round: number) => holderOf('one', { round, use: 'checkpoints' });
    const pages: string[] = [];
    for (const round of [10, 20, 30, 40]) pages.push(await library.put(kept(round), bytesOf(30, round)));
    const isHere = () => pages.map((id) => library.has(id));
    expect(isHere(), 'newer ones').toEqual([false, true, true, true]);
    const update = await library.put(holderOf('one', { round: 41, use: 'weights' }), bytesOf(30, 1));
    expect([library.has(update), ...isHere()]).toEqual([true, false, false, true, true]);
    await library.put('one', bytesOf(70, 2));
    expect([library.has(update), ...isHere()]).toEqual([true, false, false, false, false]);
    await expect(library.put(kept(50), bytesOf(1, 3))).rejects.toMatchObject({ code: 'LIBRARY_FULL' });
  });

  it('finds what has a name by it too, over a restart and until it is forgotten', async () => {
    const { library, records, blobs } = aLibrary();
    const name = 'e'.repeat(64);
    const held = holderOf('one', { round: 3, use: 'checkpoints' });
    const id = await library.put(held, bytesOf(10), { name });
    await library.put('two', bytesOf(10));
    const again = aLibrary({ records, blobs }).library;
    expect(await again.getShown(name)).toEqual(bytesOf(10));
    expect(await again.share('three', name)).toBe(true);
    await again.forget('one', 'checkpoints', 4);
    await again.drop('two', id);
    expect(await again.get(name)).toEqual(bytesOf(10));
    await again.drop('three', id);
    expect([await again.get(name), await again.share('four', name)]).toEqual([null, false]);
    expect(await aLibrary({ records, blobs }).library.getShown(name)).toBeNull();
  });

  it('counts what is being written, so that writes at once do not pass the bound together', async () => {
    const { library } = aLibrary({ options: { maxRunBytes: 100 } });
    const outcomes = await Promise.allSettled([1, 2, 3].map((seed) => library.put('one', bytesOf(40, seed))));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  });

  it('makes room by what ended, first the run that ended first, and never by what goes on', async () => {
    const { library, records, blobs } = aLibrary({ options: { maxBytes: 100 } });
    const [old, older, live] = await Promise.all([
      library.put('old', bytesOf(30, 1)),
      library.put(holderOf('older', { round: 1, use: 'weights' }), bytesOf(30, 2)),
      library.put('live', bytesOf(30, 3)),
    ]);
    await library.end('older');
    await library.end('old');
    const again = aLibrary({ records, blobs, options: { maxBytes: 100 } }).library;
    await again.put('live', bytesOf(30, 4));
    expect([old, older, live].map((id) => again.has(id!))).toEqual([true, false, true]);
    await again.put('live', bytesOf(30, 5));
    expect(again.has(old!)).toBe(false);
    await expect(again.put('live', bytesOf(30, 6))).rejects.toMatchObject({ code: 'LIBRARY_FULL' });
    expect(again.has(live!)).toBe(true);
  });

  it('does not hand out what was damaged on disk, and takes it anew', async () => {
    const folder = aFolder();
    const { library, log } = aLibrary({ blobs: createFileBlobStore(folder) });
    const id = await library.put('one', bytesOf(10));
    writeFileSync(join(folder, id.slice(0, 2), id), 'something else');
    expect(await library.get(id)).toBeNull();
    expect(library.has(id)).toBe(false);
    expect(log.lines.join()).toContain('damaged');
    await library.put('one', bytesOf(10));
    expect(await library.get(id)).toEqual(bytesOf(10));
    await library.drop('one', id);
    expect(await createFileBlobStore(folder).get(id)).toBeNull();
  });
});
