import { expect, it } from 'vitest';
import { createTurns } from '../../src/abci/turns.ts';

it('runs what waits in order, a few in each round, so that others have their turn between', async () => {
  const turns = createTurns(2);
  const seen: string[] = [];
  const note = (what: string) => async () => void seen.push(what);
  const all = ['a', 'b', 'c', 'd', 'e'].map((name) => turns.run(note(name)));
  setImmediate(() => seen.push('other'));
  expect(seen).toEqual([]);
  await Promise.all(all);
  expect(seen).toEqual(['a', 'b', 'other', 'c', 'd', 'e']);
});

it('gives back what came out, or why it failed, and goes on', async () => {
  const turns = createTurns();
  await expect(turns.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await turns.run(async () => 7)).toBe(7);
});
