import { bytesToHex, createPureCrypto } from '@cairn/core';
import type { RoundView, RunManifest } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { modelTensors } from '../../src/compute/model/tensors.ts';
import { TrainingError } from '../../src/errors.ts';
import { planOf } from '../../src/machine/run-plan.ts';
import type { BlobsOfRound } from '../../src/session/blob-holder.ts';
import { fetchResidual, fetchRoundUpdates } from '../../src/session/round-updates.ts';
import type { RunDesk } from '../../src/session/run-desk.ts';
import { maxUpdateBytes } from '../../src/update/decode-update.ts';
import { encodePageList, listPages, placePages, readPage } from '../../src/weights/pages.ts';
import { someTensors, TINY_LLAMA } from '../support/models.ts';

const crypto = createPureCrypto();
const MANIFEST = {
  model: TINY_LLAMA,
  engine: 'exact',
  rounds: 10,
  inner: {
    ...{ steps: 4, schedule: 'constant', learningRate: '0.01', minimum: '0', warmup: 0 },
    ...{ beta1: '0.9', beta2: '0.95', epsilon: '0.00000001', weightDecay: '0.1', clip: '1' },
  },
  outer: { type: 'sparse', k: 64, block: 4096, decay: '0.95', learningRate: '1' },
} as unknown as RunManifest;
const { table, codec } = planOf(MANIFEST);

/** A desk over blobs that others have; it notes which were asked for. A damaged one is gone once it was read. */
function aDesk(shown: readonly Uint8Array[], damaged = new Set<string>()) {
  const blobs = new Map(shown.map((bytes) => [idOf(bytes), bytes]));
  const here = new Map<string, Uint8Array>();
  const held = new Map<string, string>();
  const desk = {
    manifest: MANIFEST,
    library: {
      async get(id: string) {
        if (damaged.delete(id)) here.delete(id);
        return here.get(id) ?? null;
      },
    },
    async fetch(
      wanted: readonly { id: string; maxBytes?: number }[],
      _: readonly string[],
      { round, use }: BlobsOfRound,
    ) {
      for (const { id, maxBytes = 2 ** 26 } of wanted) {
        const bytes = blobs.get(id);
        if (bytes === undefined || bytes.length > maxBytes)
          throw new TrainingError({ code: 'BLOB_NOT_FETCHED', reason: 'nobody has it' } as never, 'no');
        here.set(id, bytes);
        held.set(id, `${use} ${round}`);
      }
    },
  };
  return { desk: desk as unknown as RunDesk, here, held };
}

/** A round whose places committed to these updates and what they left unsent. */
const aView = (places: readonly { update: Uint8Array; residual?: Uint8Array; sizeBytes?: number }[]) =>
  ({
    roster: places.map(({ update, residual, sizeBytes = update.length }, place) => ({
      place,
      peer: `peer-${place}`,
      update: {
        payload: crypto.sha256(update),
        residualRoot: residual === undefined ? new Uint8Array(32) : crypto.sha256(residual),
        sizeBytes,
      },
    })),
  }) as unknown as RoundView;

const idOf = (bytes: Uint8Array) => bytesToHex(crypto.sha256(bytes));
const anUpdate = (byte: number) => Uint8Array.of(1, 2, 3, byte);
/** What an update left unsent, as it is shown: the list and its pages. */
function aResidual(tensors = table) {
  const values = someTensors(tensors, 3);
  const list = encodePageList(listPages(crypto, tensors, values));
  return { list, pages: placePages(tensors).map((place) => readPage(values, place).slice()) };
}
const ROUND = 4;
const withResiduals = { round: ROUND, withResiduals: true };

describe('the updates of a round', () => {
  it('are found where they and what they left unsent can be had', async () => {
    const { list, pages } = aResidual();
    const places = [
      { update: anUpdate(0), residual: list },
      { update: anUpdate(1) },
      { update: anUpdate(2) },
    ];
    const { desk, held } = aDesk([anUpdate(0), anUpdate(1), list, ...pages]);
    const { found, missing } = await fetchRoundUpdates(desk, aView(places), withResiduals);
    expect([found[0], missing]).toEqual([0b011, 1]);
    // Each until nobody can ask for it any more.
    expect([anUpdate(0), list, pages[0]!].map((bytes) => held.get(idOf(bytes)))).toEqual([
      ...['weights 4', 'cases 4', 'cases 4'],
    ]);
  });

  it('are found beside one whose trainer left unsent what is no list, or a list of another model', async () => {
    const foreign = aResidual(modelTensors({ ...TINY_LLAMA, layers: 3 }));
    const garbage = Uint8Array.of(9, 9, 9);
    const places = [
      { update: anUpdate(0), residual: garbage },
      { update: anUpdate(1) },
      { update: anUpdate(2), residual: foreign.list },
    ];
    const { desk, here } = aDesk([...[0, 1, 2].map(anUpdate), garbage, foreign.list, ...foreign.pages]);
    const { found, missing } = await fetchRoundUpdates(desk, aView(places), withResiduals);
    // Nobody waits for what can never be right.
    expect([found[0], missing]).toEqual([0b010, 0]);
    for (const page of foreign.pages) expect(here.has(idOf(page))).toBe(false);
  });

  it('are not fetched where they are longer than any update of the run is', async () => {
    const most = maxUpdateBytes(codec, table);
    const long = new Uint8Array(most + 1);
    const { desk, here } = aDesk([anUpdate(0), long]);
    const view = aView([{ update: anUpdate(0), sizeBytes: most }, { update: long }]);
    expect(await fetchRoundUpdates(desk, view, withResiduals)).toMatchObject({ missing: 0 });
    expect([...here.keys()]).toEqual([idOf(anUpdate(0))]);
  });
});

describe('what an update left unsent', () => {
  it('is told apart from what is no such thing, and from what nobody has', async () => {
    const { list, pages } = aResidual();
    const garbage = Uint8Array.of(9, 9, 9);
    const { desk } = aDesk([list, ...pages, garbage]);
    expect(await fetchResidual(desk, idOf(list), [], ROUND)).toBe(true);
    expect(await fetchResidual(desk, idOf(garbage), [], ROUND)).toBe(false);
    await expect(fetchResidual(desk, '07'.repeat(32), [], ROUND)).rejects.toMatchObject({
      code: 'BLOB_NOT_FETCHED',
    });
  });

  it('is fetched again where the copy here is damaged: its trainer is not to blame', async () => {
    const { list, pages } = aResidual();
    for (const bytes of [list, pages[1]!]) {
      const { desk } = aDesk([list, ...pages], new Set([idOf(bytes)]));
      await expect(fetchResidual(desk, idOf(list), [], ROUND)).rejects.toMatchObject({
        code: 'BLOB_NOT_FETCHED',
      });
      expect(await fetchResidual(desk, idOf(list), [], ROUND)).toBe(true);
    }
  });

  it('is waited for where the copy here is damaged, as an update that may still come', async () => {
    const { list, pages } = aResidual();
    const { desk } = aDesk([anUpdate(0), list, ...pages], new Set([idOf(pages[0]!)]));
    const view = aView([{ update: anUpdate(0), residual: list }]);
    expect(await fetchRoundUpdates(desk, view, withResiduals)).toMatchObject({ missing: 1 });
    expect(await fetchRoundUpdates(desk, view, withResiduals)).toMatchObject({ missing: 0 });
  });
});
