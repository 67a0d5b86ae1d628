import { createPureCrypto } from '@cairn/core';
import {
  calibrateBounds,
  compareUpdate,
  createExactEngine,
  createRunMachine,
  decodeUpdate,
  encodeUpdate,
  initialState,
  isWithin,
  measureDistances,
  planOf,
  type RunData,
  type TrainedRound,
} from '@cairn/training';
import { createNativeEngine, loadExactParts } from '@cairn/training/node';
import { afterAll, describe, expect, it } from 'vitest';
import { aManifest } from '../support/manifest.ts';
import { someBatch } from '../support/models.ts';

const crypto = createPureCrypto();
const turn = async (): Promise<void> => {};
const clock = { nowMs: () => 0 };
const place = { run: new Uint8Array(32).fill(1), round: 1, seat: 1, firstBatch: 0, halvings: 0 };
const manifest = aManifest({ engine: 'tolerant' });
const options = { model: manifest.model, ...manifest.batch };
const native = createNativeEngine({ ...options, threads: 1 });
const exact = loadExactParts().then((parts) => createExactEngine(parts, options));
afterAll(async () => {
  for (const engine of [native, exact]) await (await engine)[Symbol.asyncDispose]();
});

const data = (shift = 0): RunData => ({
  heldOutBatches: 1,
  batch: async (index) =>
    someBatch({ ...manifest.batch, vocab: manifest.model.vocab }, { seed: index + 1 + shift }),
  heldOut: async () => someBatch({ ...manifest.batch, vocab: manifest.model.vocab }, { seed: 999 }),
});

type Codec = 'sparse' | 'dense';
const planFor = (codec: Codec) => planOf(aManifest({ engine: 'tolerant', codec }));

/** A round on one of the engines. The last step of a cheat is made on other data. */
async function aRound(codec: Codec, on: typeof native | typeof exact, isCheat = false) {
  const plan = planFor(codec);
  const lastStep = plan.manifest.inner.steps - 1;
  const own = data();
  const machine = createRunMachine(plan, {
    ...{ crypto, clock, turn, engine: await on },
    data: isCheat ? { ...own, batch: (index) => (index === lastStep ? data(500) : own).batch(index) } : own,
  });
  const trained = await machine.train(machine.rooted(initialState(crypto, plan, 3)), place);
  return { plan, trained: trained! };
}

const claimOf = ({ plan, trained }: { plan: ReturnType<typeof planFor>; trained: TrainedRound }) => ({
  bytes: trained.update,
  update: decodeUpdate(trained.update, plan.codec, plan.table),
  left: trained.residual,
});

async function boundsOf(codec: Codec) {
  const plan = planFor(codec);
  const engines = [await native, await exact];
  const parts = { crypto, clock, turn, engines, data: data(100) };
  const machine = createRunMachine(plan, { ...parts, engine: engines[0]! });
  const base = machine.rooted(initialState(crypto, plan, 3));
  return calibrateBounds(await measureDistances(parts, plan, { base, rounds: 2 }));
}

describe.each(['sparse', 'dense'] as const)('a %s update that is made again on another engine', (codec) => {
  it('is within bounds that were measured on other rounds', async () => {
    const bounds = await boundsOf(codec);
    const found = compareUpdate(
      planFor(codec),
      claimOf(await aRound(codec, native)),
      (await aRound(codec, exact)).trained,
    );
    expect(found.kind === 'apart' && isWithin(found.distance, bounds), JSON.stringify(found)).toBe(true);
  });

  it('is outside when one inner step was made on other data', async () => {
    const bounds = await boundsOf(codec);
    const cheat = claimOf(await aRound(codec, native, true));
    const found = compareUpdate(planFor(codec), cheat, (await aRound(codec, exact)).trained);
    if (found.kind !== 'apart') throw new Error(found.reason);
    expect(isWithin(found.distance, bounds), JSON.stringify(found.distance)).toBe(false);
    expect(found.distance.relative).toBeGreaterThan(2 * bounds.relative);
  });
});

describe('an update that hides what it did', () => {
  it('is unsound when it sends something and calls the difference unsent', async () => {
    const { plan, trained } = await aRound('sparse', native);
    const honest = claimOf({ plan, trained });
    const lie = new Map(plan.table.map(({ name }) => [name, honest.left.get(name)!.map((unit) => -unit)]));
    const { bytes, residual } = encodeUpdate(honest.update.header, plan.codec, plan.table, lie);
    const left = new Map(
      plan.table.map(({ name }) => [
        name,
        honest.left.get(name)!.map((unit, at) => unit + residual.get(name)![at]!),
      ]),
    );
    const update = decodeUpdate(bytes, plan.codec, plan.table);
    expect(compareUpdate(plan, { bytes, update, left }, trained)).toMatchObject({ kind: 'unsound' });
    expect(compareUpdate(plan, honest, trained)).toMatchObject({ distance: { relative: 0 } });
  });

  it('is unsound when nobody can read it, or what it left', async () => {
    const { plan, trained } = await aRound('sparse', native);
    const honest = claimOf({ plan, trained });
    expect(compareUpdate(plan, { ...honest, update: null }, trained).kind).toBe('unsound');
    expect(compareUpdate(plan, { ...honest, left: null }, trained).kind).toBe('unsound');
  });
});
