import type { RecordStore, RosterView, RoundView, TrainerLedger } from '@cairn/protocol';
import { expect, it } from 'vitest';
import type { RunDesk } from '../../src/session/run-desk.ts';
import type { TrainPlace } from '../../src/session/run-shapes.ts';
import { createTrainer } from '../../src/session/trainer.ts';

const SLOT_MS = 1_000;
const device = new Uint8Array(32).fill(3);
const log = { debug: () => undefined, info: () => undefined } as unknown as Parameters<
  typeof createTrainer
>[0]['log'];

function records(): RecordStore {
  const kept = new Map<string, Uint8Array>();
  return {
    get: (key: string) => kept.get(key),
    set: async (key: string, record: Uint8Array) => void kept.set(key, record),
    delete: async (key: string) => void kept.delete(key),
    keys: (prefix: string) => [...kept.keys()].filter((key) => key.startsWith(prefix)),
    [Symbol.asyncDispose]: async () => undefined,
  } as RecordStore;
}

/** A trainer in a round of forty slots whose weights take so many slots to come, and what it was told to train. */
function aTrainer({ slotsToFetch, phaseThen = 'train' }: { slotsToFetch: number; phaseThen?: string }) {
  const asked: TrainPlace[] = [];
  const view = (slot: number, phase = 'train') =>
    ({
      slot: BigInt(slot),
      run: { phase, unvestedRound: 1, checkpointRound: 0 },
      round: {
        ...{ round: 4, baseRoot: new Uint8Array(32), startSlot: 100n, deadlineSlot: 140n },
        ...{ dataStart: 0n, halvings: 0 },
      },
      roster: [{ place: 0, seat: 1, device, peer: 'me', update: null } as unknown as RosterView],
    }) as unknown as RoundView;
  let slot = 102;
  let phase = 'train';
  const ledger = {
    device,
    paidRound: async () => null,
    round: async () => view(slot, phase),
  } as unknown as TrainerLedger;
  const desk = {
    ...{ id: new Uint8Array(32), name: 'run', manifest: { inner: { steps: 8 } } },
    library: { put: async () => 'blob' },
    async bring() {
      slot += slotsToFetch;
      phase = phaseThen;
    },
    compute: {
      async train(task: TrainPlace) {
        asked.push(task);
        return { paused: new Uint8Array() };
      },
    },
  } as unknown as RunDesk;
  const trainer = createTrainer({ ledger, desk, log, records: records(), slotMs: SLOT_MS });
  return { act: () => trainer.act(view(102), new AbortController().signal), asked };
}

it('a trainer whose weights came late makes fewer steps instead of being late', async () => {
  const quick = aTrainer({ slotsToFetch: 0 });
  await quick.act();
  // Three slots are for the way into a block.
  expect(quick.asked.map(({ withinMs }) => withinMs)).toEqual([35 * SLOT_MS]);
  const slow = aTrainer({ slotsToFetch: 25 });
  await slow.act();
  expect(slow.asked.map(({ withinMs }) => withinMs)).toEqual([10 * SLOT_MS]);
});

it('a trainer whose weights came when the round was closed begins with no step', async () => {
  const late = aTrainer({ slotsToFetch: 60, phaseThen: 'show' });
  await late.act();
  expect(late.asked).toEqual([]);
});
