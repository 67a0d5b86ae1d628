import { createPureCrypto } from '@cairn/core';
import type { TensorTable, TrainingBatch, TrainingEngine } from '@cairn/protocol';
import { expect, it } from 'vitest';
import { createRunMachine } from '../../src/machine/machine.ts';
import { planOf } from '../../src/machine/run-plan.ts';
import { initialState } from '../../src/machine/run-state.ts';
import { aManifest } from '../support/manifest.ts';

const crypto = createPureCrypto();

function aMachine() {
  const plan = planOf(aManifest({ engine: 'tolerant', codec: 'dense' }));
  const engine = {
    tensors: plan.table,
    step: async (parameters: TensorTable) => ({
      loss: 1,
      gradients: new Map(Array.from(parameters, ([name, values]) => [name, values.map(() => 1)])),
    }),
  } as unknown as TrainingEngine;
  const batch = async () => ({ rows: 1, length: 1 }) as unknown as TrainingBatch;
  const machine = createRunMachine(plan, {
    ...{ engine, crypto, clock: { nowMs: () => 0 }, turn: async () => {} },
    data: { heldOutBatches: 1, batch, heldOut: batch },
  });
  return { machine, base: machine.rooted(initialState(crypto, plan, 1)) };
}

it('an update is of the seat that made it: who commits to the hash of another has nothing that can be read', async () => {
  const { machine, base } = aMachine();
  const [run, round, steps] = [new Uint8Array(32).fill(4), 3, 2];
  const made = await machine.train(base, { run, round, seat: 7, firstBatch: 0, halvings: 0, steps });
  const { update } = made!;
  expect(machine.decode(base, update, { run, round, steps, seat: 7 }).header.round).toBe(round);
  for (const of of [{ seat: 8 }, { seat: 7, run: new Uint8Array(32) }, { seat: 7, round: 4 }])
    expect(() => machine.decode(base, update, { run, round, steps, ...of })).toThrow(
      expect.objectContaining({ code: 'UPDATE_MALFORMED' }),
    );
});
