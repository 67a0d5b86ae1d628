import { bytesToHex } from '@cairn/core';
import type { CaseView, PaidRoundView, RoundView } from '@cairn/protocol';
import {
  createInitialWeights,
  encodePageList,
  listPages,
  modelTensors,
  placePages,
  type RunDesk,
  readPage,
  type TrainPlace,
} from '@cairn/training';
import { expect, it } from 'vitest';
import { NodeError } from '../../../src/errors.ts';
import { replayCase } from '../../../src/training/judge/replay-case.ts';
import { aLog, crypto } from '../../rpc/parts.ts';
import { aMadeRun } from '../run/parts.ts';

const SEAT = 7;
const NOTHING = new Uint8Array(32);
const idOf = (bytes: Uint8Array) => bytesToHex(crypto.sha256(bytes));

/** A case against an honest update of round 2, which is made of what its trainer left unsent in round 1. */
async function aCase({ damaged, isShown = true }: { damaged: 'list' | 'page' | null; isShown?: boolean }) {
  const { made } = await aMadeRun();
  const table = modelTensors(made.manifest.model);
  const left = createInitialWeights(crypto, NOTHING, table);
  const list = encodePageList(listPages(crypto, table, left));
  const pages = placePages(table).map((place) => readPage(left, place).slice());
  const others = new Map([list, ...pages].map((bytes) => [idOf(bytes), bytes]));
  const here = new Map<string, Uint8Array | null>(
    damaged === null ? [] : [[idOf(damaged === 'list' ? list : pages[0]!), null]],
  );
  const withIt = Uint8Array.of(1);
  const rounds = [1, 2].map((round) => ({
    ...{ round, baseRoot: NOTHING, newRoot: NOTHING, dataStart: 0n, halvings: 0, isVoid: false },
    ...{ committed: Uint8Array.of(1), available: Uint8Array.of(isShown ? 1 : 0), lines: [{ seat: SEAT }] },
    updates: [
      {
        place: 0,
        update: {
          ...{ steps: 3, payload: crypto.sha256(withIt), traceRoot: NOTHING, sizeBytes: 1 },
          residualRoot: round === 1 ? crypto.sha256(list) : NOTHING,
        },
      },
    ],
  })) as unknown as PaidRoundView[];
  const desk = {
    ...{ id: NOTHING, manifest: made.manifest, sha256: crypto.sha256, bring: async () => undefined },
    // As the library of a node: what is damaged is here until it is read.
    library: {
      async get(id: string) {
        const bytes = here.get(id) ?? null;
        if (bytes === null) here.delete(id);
        return bytes;
      },
    },
    async fetch(wanted: readonly { id: string }[]) {
      for (const { id } of wanted) {
        if (damaged === null)
          throw new NodeError(
            { code: 'BLOB_NOT_FETCHED', id, peer: '', reason: 'nobody has it' },
            'Nobody has it.',
          );
        if (!here.has(id)) here.set(id, others.get(id)!);
      }
    },
    compute: {
      train: async ({ residual }: TrainPlace) => ({
        update: residual === null ? Uint8Array.of(2) : withIt,
        ...{ residual: null, traceRoot: NOTHING },
      }),
    },
  } as unknown as RunDesk;
  const ledger = { paidRound: async (_: unknown, round: number) => rounds[round - 1] ?? null };
  const open = { round: 2, place: 0, seat: SEAT } as unknown as CaseView;
  const view = { roster: [] } as unknown as RoundView;
  return () => replayCase({ ledger, desk, log: aLog() }, view, open, new AbortController().signal);
}

it('a validator whose copy of what an update was made of is damaged gives no verdict, and an honest one after the next try', async () => {
  for (const damaged of ['page', 'list'] as const) {
    const judge = await aCase({ damaged });
    await expect(judge(), damaged).rejects.toMatchObject({ code: 'BLOB_NOT_FETCHED' });
    expect(await judge(), damaged).toBe('honest');
  }
});

it("what an update was made of is nobody's fault when witnesses had it and lost it, and nothing is paid when they never had it", async () => {
  const lost = await aCase({ damaged: null });
  expect(await lost()).toBe('honest');
  const withheld = await aCase({ damaged: null, isShown: false });
  expect(await withheld()).toBe('unavailable');
});
