import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesToHex } from '@cairn/core';
import type { ModelCard } from '@cairn/ledger';
import { createAccountClient, createRunLedger } from '@cairn/sdk';
import { createMadeRuns } from '../../src/training/create/made-runs.ts';
import type { RunPlace } from '../../src/training/run/run-place.ts';
import { aFolder } from '../data/parts.ts';
import { crypto } from '../rpc/parts.ts';
import { aCard, aRandom } from '../validator/cast.ts';
import { writeTexts } from './run/parts.ts';
import type { aRunTown } from './run-town.ts';

type Town = Awaited<ReturnType<typeof aRunTown>>;

/** Somebody else, with a subnet, who makes runs from recipes at a machine. */
export async function aStranger(town: Town, index: number, place: RunPlace) {
  const client = createAccountClient({
    ...{ crypto, ledger: town.chain.ledger },
    signer: town.trainerKeys[index]!.signer,
  });
  const ledger = createRunLedger({ ...town.parts, client });
  const runs = createMadeRuns({
    ...{ ...town.parts, ledger, place, chain: town.chain.ledger },
    random: aRandom(`stranger ${index}`),
    folder: aFolder(),
  });
  const folder = aFolder();
  writeTexts(folder);

  async function aSubnet(): Promise<number> {
    await client.send('subnets.create', { name: `subnet ${index}`, lockLimit: await client.spendable() });
    const { subnets } = await town.chain.ledger.query<{ subnets: { netuid: number; name: string }[] }>(
      'subnets_list',
      {},
    );
    return subnets.find(({ name }) => name === `subnet ${index}`)!.netuid;
  }

  /** Makes a run of a recipe, and waits until it is made or refused. */
  async function make(recipe: object) {
    const path = join(folder, 'recipe.json');
    writeFileSync(path, JSON.stringify(recipe));
    const id = await runs.make(path);
    await town.until('the run is made or refused', () => runs.making(id)!.state !== 'working');
    return runs.making(id)!;
  }
  return { ...{ client, ledger, runs, folder, aSubnet, make } };
}

/** The smallest recipe that goes on from a checkpoint. */
export const aForkRecipe = (run: Uint8Array, round: number, more: object = {}) => ({
  name: 'people/fork',
  parent: { run: bytesToHex(run), round },
  data: [{ path: 'texts', kind: 'text', licence: 'CC0-1.0' }],
  heldOutPermille: 100,
  batch: { rows: 2, length: 8 },
  inner: { steps: 2, learningRate: 0.005, schedule: 'constant', warmup: 0 },
  outer: { kind: 'sparse', k: 128, block: 4096, decay: 0.9, learningRate: 1 },
  rounds: 100,
  checkpointEvery: 2,
  release: { licence: 'CC-BY-SA-4.0', royaltyBps: 100 },
  ...more,
});

/** Puts the first weights of the town's run on the ledger as a checkpoint with a card. @returns the model's id */
export async function releaseFirstWeights(town: Town, more: Partial<ModelCard> = {}): Promise<string> {
  const { owner } = town.accounts;
  const { root, pages } = town.made.manifest.initial;
  const card = aCard(owner.account);
  const [artifact] = card.artifacts;
  const { events } = await owner.send('registry.publishModel', {
    card: { ...card, licence: 'CC-BY-SA-4.0', royaltyBps: 1_000, ...more },
  });
  await town.ownerLedger.postCheckpoint({
    ...{ run: town.id, round: 0, root, manifest: pages, gguf: artifact!.sha256 },
  });
  return String(events.find(({ name }) => name === 'registry.modelPublished')!.data.model);
}
