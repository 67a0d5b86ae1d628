import { bytesToHex } from '@cairn/core';
import type { RecordStore, RosterView, RoundView, TrainerLedger } from '@cairn/protocol';
import { afterEach, expect, it } from 'vitest';
import type { RunDesk } from '../../src/session/run-desk.ts';
import type { TrainPlace } from '../../src/session/run-shapes.ts';
import { createTrainer } from '../../src/session/trainer.ts';

const SLOT_MS = 1_000;
const device = new Uint8Array(32).fill(3);
const warnings: string[] = [];
const log = {
  ...{ debug: () => undefined, info: () => undefined },
  warn: (message: string) => warnings.push(message),
} as unknown as Parameters<typeof createTrainer>[0]['log'];

afterEach(() => warnings.splice(0));

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
  const library = new Map<string, Uint8Array>();
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
    library: {
      async put(_: string, blob: Uint8Array) {
        const id = `paused at step ${blob[0]}`;
        library.set(id, blob);
        return id;
      },
      get: async (id: string) => library.get(id) ?? null,
      drop: async (_: string, id: string) => void library.delete(id),
    },
    tidy: async () => undefined,
    async bring() {
      slot += slotsToFetch;
      phase = phaseThen;
    },
    compute: {
      async train(task: TrainPlace) {
        asked.push(task);
        return { paused: Uint8Array.of((task.resume?.[0] ?? 0) + 1) };
      },
    },
  } as unknown as RunDesk;
  const trainer = createTrainer({ ledger, desk, log, records: records(), slotMs: SLOT_MS });
  return { act: () => trainer.act(view(102), new AbortController().signal), asked, library };
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

it('a trainer that is paused again and again keeps where it was last, and nothing of the times before', async () => {
  const { act, asked, library } = aTrainer({ slotsToFetch: 0 });
  for (let time = 0; time < 3; time += 1) await act();
  expect([...library.keys()]).toEqual(['paused at step 3']);
  expect(asked.at(-1)!.resume).toEqual(Uint8Array.of(2));
});

/** A trainer of a run that keeps moments, in one round after another; each `act` is by a new process. */
function aKeeper({ lostIn }: { lostIn?: number } = {}) {
  const asked: TrainPlace['moments'][] = [];
  const library = new Set<string>();
  const kept = records();
  const desk = {
    ...{ id: new Uint8Array(32), name: 'run', manifest: { inner: { steps: 8 } } },
    library: {
      put: async (_: string, blob: Uint8Array) => {
        library.add(bytesToHex(blob));
        return bytesToHex(blob);
      },
      drop: async (_: string, id: string) => void library.delete(id),
    },
    bring: async () => undefined,
    tidy: async () => undefined,
    compute: {
      async train({ moments, round }: TrainPlace) {
        asked.push(moments);
        return {
          ...{ update: Uint8Array.of(round), residual: null, traceRoot: new Uint8Array(32) },
          ...{ steps: 8, losses: [1] },
          moments: {
            ...{ list: Uint8Array.of(round, 0), pages: [Uint8Array.of(round, 1)] },
            taken: round === lostIn ? 8 : 8 * round,
          },
        };
      },
    },
  } as unknown as RunDesk;
  return {
    asked,
    library,
    async act(round: number, halvings = 0): Promise<void> {
      const view = {
        slot: 102n,
        run: { phase: 'train', unvestedRound: 1, checkpointRound: 0 },
        round: {
          ...{ round, baseRoot: Uint8Array.of(round), startSlot: 100n, deadlineSlot: 140n },
          ...{ dataStart: 0n, halvings },
        },
        roster: [{ place: 0, seat: 1, device, peer: 'me', update: null } as unknown as RosterView],
      } as unknown as RoundView;
      const ledger = {
        device,
        paidRound: async () => null,
        round: async () => view,
        commitUpdate: async () => undefined,
      } as unknown as TrainerLedger;
      const trainer = createTrainer({ ledger, desk, log, records: kept, slotMs: SLOT_MS });
      await trainer.act(view, new AbortController().signal);
    },
  };
}

it('a trainer goes on with the moments of its last round, also after it was started again, and keeps no older ones', async () => {
  const { act, asked, library } = aKeeper();
  await act(4);
  await act(5);
  // A round later: it had no place in the sixth.
  await act(7);
  expect(asked).toEqual([undefined, { list: '0400', taken: 32 }, { list: '0500', taken: 40 }]);
  expect([...library].filter((id) => id.length === 4)).toEqual(['0701', '0700']);
  expect(warnings).toEqual([]);
});

it('a trainer whose moments were lost says so', async () => {
  const { act } = aKeeper({ lostIn: 5 });
  await act(4);
  expect(warnings).toEqual([]);
  await act(5);
  expect(warnings).toEqual(['kept moments were lost or damaged, the round began without']);
});

it('a trainer begins without moments after a rollback, which halves the learning rate', async () => {
  const { act, asked } = aKeeper();
  await act(4);
  await act(5, 1);
  await act(6, 1);
  expect(asked).toEqual([undefined, undefined, { list: '0500', taken: 40 }]);
});
