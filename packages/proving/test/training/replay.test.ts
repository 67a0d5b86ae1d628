import { createNativeCrypto } from '@cairn/chain';
import {
  calibrateBounds,
  changeDistance,
  createInnerOptimiser,
  createStateHasher,
  isWithin,
  makeUpdate,
  replayStep,
  replayUpdate,
  traceRoot,
  trainRound,
  type UpdateInput,
} from '@cairn/training';
import { describe, expect, it } from 'vitest';
import { showStep } from '../../src/training/try-replay.ts';
import { samplerOf, twinText } from '../../src/training/twin-data.ts';
import { createTwinLearner, twinTensors, twinWeights } from '../../src/training/twin-learner.ts';
import { TWIN_OPTIMISER } from '../../src/training/twin-run.ts';
import { aReplay, oneBit } from './replays.ts';

const crypto = createNativeCrypto();
const sampler = samplerOf(twinText(1, 5_000), 0, 0);
const base = twinWeights(5);
const digest = (bytes: Uint8Array): Uint8Array => crypto.sha256(bytes);
const turn = async (): Promise<void> => {};

function trainerParts() {
  return {
    engine: createTwinLearner(),
    optimiser: createInnerOptimiser(TWIN_OPTIMISER, twinTensors()),
    sampler,
    clock: { nowMs: () => 0 },
    turn,
    digest,
    hasher: createStateHasher(digest),
    crypto,
  };
}

async function aRound(steps = 5) {
  const task = { round: 0, base, steps, stepsBefore: 0, isReset: true };
  return (await trainRound(trainerParts(), task)).progress;
}

describe('the replay of a step', () => {
  it('acquits 50 of 50 honest trainers', async () => {
    for (let seed = 1; seed <= 50; seed += 1)
      expect(await aReplay(seed), `seed ${seed}`).toEqual({ verdict: 'equal' });
  });

  it('convicts one that altered one bit of a gradient', async () => {
    for (let seed = 1; seed <= 8; seed += 1)
      expect(await aReplay(seed, oneBit(seed)), `seed ${seed}`).toMatchObject({
        verdict: 'differs',
        state: (seed % 4) + 1,
      });
  });

  it('convicts one that began from other weights than the base of the round', async () => {
    const progress = await aRound();
    const doubted = { traceRoot: traceRoot(crypto, progress.leaves), steps: 5, step: 0, stepsBefore: 0 };
    const other = new Map(base).set(
      'bias',
      base.get('bias')!.map((value) => value + 1),
    );
    const shown = showStep(crypto, progress, 0);
    expect(await replayStep(trainerParts(), doubted, other, shown)).toMatchObject({
      verdict: 'differs',
      state: 0,
    });
  });

  it('convicts nobody when weights, data or trace cannot be had, or another trace is shown', async () => {
    const progress = await aRound();
    const doubted = { traceRoot: traceRoot(crypto, progress.leaves), steps: 5, step: 2, stepsBefore: 0 };
    const shown = showStep(crypto, progress, 2);
    const verdicts = [
      await replayStep(trainerParts(), doubted, null, shown),
      await replayStep(trainerParts(), doubted, base, null),
      await replayStep({ ...trainerParts(), sampler: null }, doubted, base, shown),
      await replayStep(trainerParts(), doubted, base, showStep(crypto, progress, 1)),
      await replayStep(trainerParts(), doubted, base, { ...shown, after: new Uint8Array(32) }),
    ];
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(Array(5).fill('unavailable'));
  });
});

describe('the replay of an update', () => {
  it('knows whether the update is what the trained weights make', async () => {
    const { parameters: trained } = await aRound();
    const input: UpdateInput = {
      header: { run: new Uint8Array(32), round: 0, base: new Uint8Array(32), steps: 5 },
      codec: { kind: 'sparse', kept: 64 },
      table: twinTensors(),
      base,
      trained,
      decay: 0.95,
    };
    const honest = crypto.sha256(makeUpdate(input).bytes);
    expect(replayUpdate(crypto, input, honest)).toEqual({ verdict: 'equal' });
    const other = crypto.sha256(makeUpdate({ ...input, trained: base }).bytes);
    expect(replayUpdate(crypto, input, other)).toMatchObject({ verdict: 'differs', claimed: other });
  });
});

describe('the tolerant replay', () => {
  it('accepts a change within what honest engines gave, and not the work of fewer steps', async () => {
    const changeOf = (trained: ReadonlyMap<string, Float32Array>) =>
      new Map(
        Array.from(base, ([name, values]) => [
          name,
          values.map((value, i) => value - trained.get(name)![i]!),
        ]),
      );
    const own = changeOf((await aRound()).parameters);
    const bounds = calibrateBounds([1e-4, 2e-4].map((size) => changeDistance(shaken(own, size), own)));
    expect(isWithin(changeDistance(shaken(own, 2e-4), own), bounds)).toBe(true);
    const lazy = changeOf((await aRound(4)).parameters);
    expect(isWithin(changeDistance(lazy, own), bounds)).toBe(false);
    const nothing = new Map(Array.from(own, ([name, values]) => [name, new Float32Array(values.length)]));
    expect(isWithin(changeDistance(nothing, own), bounds)).toBe(false);
  });
});

function shaken(change: ReadonlyMap<string, Float32Array>, size: number) {
  return new Map(
    Array.from(change, ([name, values]) => [
      name,
      values.map((value, i) => value * (1 + size * Math.sin(i))),
    ]),
  );
}
