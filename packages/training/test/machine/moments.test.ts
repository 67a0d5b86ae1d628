import { createPureCrypto } from '@cairn/core';
import type { RunManifest, TensorTable, TrainingBatch, TrainingEngine } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { createRunMachine } from '../../src/machine/machine.ts';
import {
  type Moments,
  momentsToTensors,
  momentTensors,
  tensorsToMoments,
} from '../../src/machine/moments.ts';
import { planOf } from '../../src/machine/run-plan.ts';
import { initialState } from '../../src/machine/run-state.ts';
import { aManifest } from '../support/manifest.ts';

const crypto = createPureCrypto();

/** A machine whose gradients say which batch they are of, and nothing of the weights. */
function aMachine(keepsMoments: boolean) {
  const manifest: RunManifest = aManifest({ engine: 'tolerant', codec: 'dense' });
  const plan = planOf({ ...manifest, inner: { ...manifest.inner, keepsMoments } });
  const engine = {
    tensors: plan.table,
    step: async (parameters: TensorTable, { ids }: TrainingBatch) => ({
      loss: 1,
      gradients: new Map(
        Array.from(parameters, ([name, values]) => [name, values.map((_, at) => Math.sin(ids[0]! + at))]),
      ),
    }),
  } as unknown as TrainingEngine;
  const batch = (index: number) =>
    ({ rows: 1, length: 1, ids: Int32Array.of(index) }) as unknown as TrainingBatch;
  const machine = createRunMachine(plan, {
    engine,
    crypto,
    clock: { nowMs: () => 0 },
    turn: async () => {},
    data: { heldOutBatches: 1, batch: async (index) => batch(index), heldOut: async (index) => batch(index) },
  });
  const base = machine.rooted(initialState(crypto, plan, 1));
  return {
    plan,
    async train(firstBatch: number, steps: number, moments?: Moments) {
      const place = { run: new Uint8Array(32), round: 1, seat: 1, firstBatch, halvings: 0, steps };
      const trained = await machine.train(base, { ...place, ...(moments === undefined ? {} : { moments }) });
      if (trained === null) throw new Error('it was paused');
      return trained;
    },
  };
}

describe('moments of a trainer', () => {
  it('that are kept go on over rounds as in one long round', async () => {
    const { train, plan } = aMachine(true);
    const first = await train(0, 3);
    const second = await train(3, 4, first.moments!);
    const whole = await train(0, 7);
    expect(second.moments).toEqual(whole.moments);
    expect(second.moments!.taken).toBe(7);
    expect(second.update, 'its steps are made with them').not.toEqual((await train(3, 4)).update);
    const tensors = momentsToTensors(second.moments!);
    expect([...tensors.keys()]).toEqual(momentTensors(plan.table).map(({ name }) => name));
    expect(tensorsToMoments(plan.table, tensors, 7)).toEqual(second.moments);
  });

  it('begin at zero in each round of a run that keeps none', async () => {
    const { train } = aMachine(false);
    const first = await train(0, 3);
    expect(first.moments).toBeNull();
    const { moments } = await aMachine(true).train(0, 3);
    expect((await train(3, 4, moments!)).update).toEqual((await train(3, 4)).update);
  });
});
