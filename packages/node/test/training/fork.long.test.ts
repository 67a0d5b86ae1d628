import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { areBytesEqual, authorize, bytesToHex, hexToBytes, PEBBLES_PER_CAIRN } from '@cairn/core';
import { channelIdOf, soldArtifactOf, type Voucher, voucherSignBytes } from '@cairn/ledger';
import { createAccountClient, fetchModels } from '@cairn/sdk';
import { decodePageList } from '@cairn/training';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startPublishing } from '../../src/training/publisher/publish-runs.ts';
import { aFolder } from '../data/parts.ts';
import { crypto } from '../rpc/parts.ts';
import { aForkRecipe, aStranger } from './fork-parts.ts';
import { TINY } from './run/parts.ts';
import { aRunTown } from './run-town.ts';

type Town = Awaited<ReturnType<typeof aRunTown>>;

const OFFER = {
  funds: 50n * PEBBLES_PER_CAIRN,
  rewardPerRound: PEBBLES_PER_CAIRN,
  bond: PEBBLES_PER_CAIRN,
  minTrainers: 2,
  maxTrainers: 4,
  trainSlots: 400,
};

/** Somebody with a subnet that the town's validator judges, who makes runs and releases them. */
async function anOwner(town: Town, index: number) {
  const { place } = town.aMachine(`owner-${index}`);
  const stranger = await aStranger(town, index, place);
  const netuid = await stranger.aSubnet();
  const [judge] = town.judges;
  const { coldkey, hotkey } = town.accounts.workers.get(judge!.name)!;
  const burnLimit = await coldkey.spendable();
  await coldkey.send('subnets.registerNeuron', { netuid, hotkey: hotkey.account, burnLimit });
  const publishing = startPublishing(town.parts, town.log, {
    ...{ client: stranger.client, place, runs: stranger.runs, folder: aFolder() },
    // Nobody asks these models here; that is tested with a whole network.
    served: {
      serve: async () => Promise.reject(new Error('nothing is served here')),
      withdraw: async () => false,
    },
  });
  onTestFinished(() => publishing[Symbol.asyncDispose]());

  async function create(recipe: object) {
    const made = await stranger.make(recipe);
    if (made.state !== 'made') throw new Error(JSON.stringify(made));
    const run = await stranger.runs.create(made.facts.manifest, { ...OFFER, netuid });
    return { run, id: hexToBytes(run), facts: made.facts };
  }
  /** The first checkpoint that is released. */
  async function released(run: Uint8Array) {
    const posted = () => stranger.ledger.latestCheckpoint(run);
    await town.until('a checkpoint is released', async () => (await posted()) !== null, 300_000);
    const { round, checkpoint } = (await posted())!;
    const models = await fetchModels(town.chain.ledger);
    const model = models.find(({ card }) =>
      card.artifacts.some(({ sha256 }) => areBytesEqual(sha256, checkpoint.gguf)),
    )!;
    return { round, checkpoint, model };
  }
  return { ...stranger, netuid, place, create, released };
}

/** Pays somebody for answers of a file of a model, and claims it. */
async function payFor(town: Town, model: string, artifact: Uint8Array, amount: bigint): Promise<void> {
  const [payer, payee] = [0, 1].map((index) =>
    createAccountClient({ crypto, signer: town.trainerKeys[index]!.signer, ledger: town.chain.ledger }),
  );
  const account = await town.chain.ledger.query<{ nonce: string }>('accounts_get', {
    address: payer!.address,
  });
  const { chainId } = town.parts;
  const channel = channelIdOf(crypto, chainId, payer!.account, BigInt(account.nonce));
  await payer!.send('channels.open', { payee: payee!.account, netuid: 1, deposit: amount });
  const voucher: Voucher = {
    ...{ channel, cumulative: amount, lastReceipt: new Uint8Array(32) },
    totals: [{ artifact: soldArtifactOf(crypto, { model: hexToBytes(model), artifact }), amount }],
  };
  const authorization = await authorize(town.trainerKeys[0]!.signer, voucherSignBytes(chainId, voucher));
  await payee!.send('channels.claim', { voucher, authorization, close: false });
}

describe('a run that goes on from what others released', () => {
  it.each([
    ['exact and sparse', {}, {}],
    [
      'tolerant and dense, with momentum beside the weights and bounds that are measured',
      {
        engine: 'tolerant',
        tolerance: { replay: false },
        outer: { kind: 'dense', learningRate: 0.7, momentum: 0.9 },
      },
      {
        engine: 'tolerant',
        tolerance: { engines: ['native', 'exact'], rounds: 1 },
        outer: { kind: 'dense', learningRate: 0.5, momentum: 0.8 },
      },
    ],
  ])('is trained and released, and pays those others: %s', { timeout: 900_000 }, async (_, base, own) => {
    const town = await aRunTown({ validators: 1, trainers: 6 });
    const [alice, bob] = [await anOwner(town, 4), await anOwner(town, 5)];
    const parent = await alice.create({
      ...{ ...TINY, ...base, checkpointEvery: 1 },
      release: { licence: 'CC-BY-SA-4.0', royaltyBps: 1_000, files: ['f32'] },
    });
    const first = [await town.aTrainer(0, { run: parent.run }), await town.aTrainer(1, { run: parent.run })];
    const { round, checkpoint, model } = await alice.released(parent.id);
    for (const trainer of first) await trainer.stop();

    mkdirSync(join(bob.folder, 'more'));
    for (let file = 0; file < 40; file++)
      writeFileSync(
        join(bob.folder, 'more', `${file}.txt`),
        `no bird of ${file} sat here, nor a cat.\n`.repeat(9),
      );
    const child = await bob.create(
      aForkRecipe(parent.id, round, {
        ...own,
        data: [{ path: 'more', kind: 'text', licence: 'CC0-1.0' }],
        checkpointEvery: 1,
        release: { licence: 'CC-BY-SA-4.0', royaltyBps: 100, files: ['f32'] },
      }),
    );
    expect(child.facts.parent).toMatchObject({ run: parent.run, round, model: model.id });
    const trainers = [await town.aTrainer(2, { run: child.run }), await town.aTrainer(3, { run: child.run })];

    const desk = await trainers[0]!.place.desk(bob.ledger, child.run, town.log);
    const { root } = checkpoint;
    expect(desk.manifest.initial).toEqual({ root, pages: checkpoint.manifest, seed: null });
    await desk.bring((await bob.ledger.run(child.id))!, root, []);
    const list = await desk.compute.list(bytesToHex(root));
    expect(crypto.sha256(list), 'the pages that its trainers begin with').toEqual(checkpoint.manifest);
    for (const [index, page] of decodePageList(list).pages.entries())
      expect(crypto.sha256(await desk.compute.page(bytesToHex(root), index)), `page ${index}`).toEqual(page);

    const after = await bob.released(child.id);
    const paid = (await bob.ledger.paidRound(child.id, 1))!;
    expect(paid.baseRoot).toEqual(root);
    expect(paid.lines.map(({ pay }) => pay > 0n)).toEqual([true, true]);
    expect(after.model.card).toMatchObject({ name: 'people/fork', parents: [hexToBytes(model.id)] });
    expect(after.model.royalties.map(({ owner, bps }) => [owner, bps])).toEqual([
      [bob.client.account, 100],
      [alice.client.account, 1_000],
    ]);

    for (const trainer of trainers) await trainer.stop();
    const before = await alice.client.spendable();
    await payFor(town, after.model.id, after.checkpoint.gguf, PEBBLES_PER_CAIRN);
    expect((await alice.client.spendable()) - before).toBe(PEBBLES_PER_CAIRN / 10n);
  });
});
