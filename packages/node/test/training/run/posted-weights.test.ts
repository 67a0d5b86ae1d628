import { bytesToHex } from '@cairn/core';
import type { RunReader, RunView } from '@cairn/protocol';
import {
  createInitialWeights,
  encodePageList,
  listNameOf,
  listPages,
  modelTensors,
  openRunDesk,
  type RunCompute,
  weightRootOf,
} from '@cairn/training';
import { expect, it } from 'vitest';
import { aLog, crypto } from '../../rpc/parts.ts';
import { aMadeRun } from './parts.ts';

const RUN = new Uint8Array(32).fill(7);

/** A desk whose newest checkpoint names a list that its owner chose, and every blob that it asked for. */
async function aDesk(isHonest: boolean) {
  const { made, library } = await aMadeRun();
  const { manifest } = made;
  const table = modelTensors(manifest.model);
  const pages = listPages(crypto, table, createInitialWeights(crypto, RUN, table));
  const root = weightRootOf(crypto, pages);
  const other = { tensors: [{ name: 'junk', shape: [2 ** 20] }], pages: pages.pages.slice(0, 4) };
  const list = await library.put(made.id, encodePageList(isHonest ? pages : other));
  const checkpoint = { root, manifest: Buffer.from(list, 'hex') };
  const asked: string[] = [];
  const run = {
    ...{ id: RUN, manifest: Buffer.from(made.id, 'hex'), manifestBytes: 65_536, parent: null, round: 3 },
    ...{ checkpointRound: 2, checkpointRoot: root, keptRound: 3 },
    terms: {
      ...{ innerSteps: manifest.inner.steps, engine: manifest.engine },
      engineClass: manifest.engineClass,
    },
  } as unknown as RunView;
  const desk = await openRunDesk(
    {
      ...{ crypto, library, log: aLog() },
      ledger: {
        latestCheckpoint: async () => ({ round: 2, checkpoint }),
        paidRound: async () => null,
      } as unknown as RunReader,
      fetch: async (_, blobs) => void asked.push(...blobs.map(({ id }) => id)),
      openCompute: async () =>
        ({ has: async () => false, load: async () => bytesToHex(root) }) as unknown as RunCompute,
    },
    run,
  );
  asked.length = 0;
  return { asked, list, root, pages: pages.pages.map(bytesToHex), bring: () => desk.bring(run, root, []) };
}

it('of a posted checkpoint no page is fetched unless its list makes the root on the ledger', async () => {
  const honest = await aDesk(true);
  await honest.bring();
  expect(honest.asked).toEqual([honest.list, ...new Set(honest.pages)]);
  const lying = await aDesk(false);
  await expect(lying.bring()).rejects.toMatchObject({ code: 'RUN_MALFORMED' });
  expect(lying.asked, 'the list that was posted, and any that makes the root').toEqual([
    lying.list,
    listNameOf(lying.root),
  ]);
});
