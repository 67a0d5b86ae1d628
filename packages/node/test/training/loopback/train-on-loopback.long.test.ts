import { bytesToHex } from '@cairn/core';
import { hasPlace, type PaidRoundView, type RunManifest } from '@cairn/protocol';
import { openRunCompute, type TrainedPlace } from '@cairn/training';
import { createNativeEngine } from '@cairn/training/node';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/real/clock.ts';
import { makeRun } from '../../../src/training/create/make-run.ts';
import { openLibrary } from '../../../src/training/library/library.ts';
import { trainOnLoopback } from '../../../src/training/loopback/train-on-loopback.ts';
import { aBlobStore, aFolder, aRecordStore } from '../../data/parts.ts';
import { aLog, crypto } from '../../rpc/parts.ts';
import { aRecipe, writeTexts } from '../run/parts.ts';

const TRAINERS = 4;
const ROUNDS = 3;

/** The same rounds made by one machine that knows nothing but the recipe and what the ledger settled. */
async function recompute(
  recipe: ReturnType<typeof aRecipe>,
  folder: string,
  run: Uint8Array,
  rounds: readonly PaidRoundView[],
): Promise<{ readonly root: string; readonly manifest: RunManifest }> {
  const library = openLibrary({ blobs: aBlobStore(), records: aRecordStore(), log: aLog() });
  const made = await makeRun({ crypto, library }, recipe, folder);
  const put = (bytes: Uint8Array) => library.put('here', bytes);
  const compute = await openRunCompute(
    {
      ...{ crypto, clock: systemClock, turn: async () => {}, read: (id) => library.get(id) },
      openEngine: ({ manifest }) =>
        createNativeEngine({ model: manifest.model, ...manifest.batch, threads: 1 }),
    },
    { manifest: made.id, states: 4 },
  );
  let base = await compute.start(recipe.seed);
  /** What each seat left unsent. */
  let left = new Map<number, string>();
  for (const round of rounds) {
    const updates = [];
    const next = new Map<number, string>();
    for (const [place, { seat }] of round.lines.entries()) {
      const trained = (await compute.train({
        ...{ base, run, round: round.round, seat, halvings: 0 },
        firstBatch: ((round.round - 1) * TRAINERS + place) * recipe.inner.steps,
        residual: left.get(seat) ?? null,
      })) as TrainedPlace;
      for (const page of trained.residual?.pages ?? []) await put(page);
      if (trained.residual !== null) next.set(seat, await put(trained.residual.list));
      if (hasPlace(round.accepted, place))
        updates.push({ id: await put(trained.update), seat, steps: trained.steps });
    }
    base = await compute.apply({ base, run, round: round.round, updates });
    left = next;
  }
  return { root: base, manifest: made.manifest };
}

describe('a run on loopback', () => {
  it.each([
    ['dense', { kind: 'dense', learningRate: 1, momentum: 0.5 }],
    ['sparse', { kind: 'sparse', k: 256, block: 4096, decay: 0.95, learningRate: 1 }],
  ])(
    'is trained by four peers, and gives the weights that one process makes of the same rounds: %s',
    { timeout: 600_000 },
    async (_, outer) => {
      const folder = aFolder();
      writeTexts(folder);
      const recipe = aRecipe({ engine: 'tolerant', rounds: ROUNDS, checkpointEvery: ROUNDS, outer });
      const seen: number[] = [];
      const run = await trainOnLoopback({
        ...{ recipe, folder, trainers: TRAINERS, threads: 1, log: aLog() },
        signal: new AbortController().signal,
        onRound: ({ round }) => seen.push(round),
      });
      expect(seen).toEqual([1, 2, 3]);
      expect(run.rounds.map(({ updates }) => updates.length)).toEqual([4, 4, 4]);
      const alone = await recompute(recipe, folder, run.id, run.rounds);
      expect(bytesToHex(run.root)).toBe(alone.root);
      expect(run.manifest).toEqual(alone.manifest);
      expect(bytesToHex(run.root)).not.toBe(bytesToHex(run.manifest.initial.root));
    },
  );
});
