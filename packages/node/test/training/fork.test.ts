import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesToHex, hexToBytes } from '@cairn/core';
import { decodeRunManifest, type RunManifest } from '@cairn/protocol';
import {
  decodePageList,
  encodePageList,
  initialState,
  planOf,
  trainCharacterTokenizer,
  writeTokenizerJson,
} from '@cairn/training';
import { describe, expect, it } from 'vitest';
import { takeFirstWeights } from '../../src/training/create/first-weights.ts';
import { releaseFactsOf } from '../../src/training/publisher/release-facts.ts';
import { aRecordStore } from '../data/parts.ts';
import { crypto } from '../rpc/parts.ts';
import { aForkRecipe, aStranger, releaseFirstWeights } from './fork-parts.ts';
import { aRunTown, townTerms } from './run-town.ts';

const OFFER = { funds: 0n, rewardPerRound: 1n, bond: 1n, minTrainers: 1, maxTrainers: 2, trainSlots: 100 };

describe('a run that goes on from a checkpoint of another', () => {
  it('begins with its weights to the bit, and names run and model on the ledger', async () => {
    const town = await aRunTown({ validators: 0, trainers: 1 });
    const model = await releaseFirstWeights(town);
    const { place } = town.aMachine('stranger');
    const stranger = await aStranger(town, 0, place);
    const made = await stranger.make(aForkRecipe(town.id, 0));
    if (made.state !== 'made') throw new Error(JSON.stringify(made));
    expect(made.facts.parent).toEqual({
      ...{ run: bytesToHex(town.id), round: 0, model },
      ...{ name: 'cairn/stub', version: '1', licence: 'CC-BY-SA-4.0', royaltyBps: 1_000 },
    });
    const id = made.facts.manifest;
    const read = async (blob: string) => (await place.library.get(blob))!;
    const manifest = decodeRunManifest(await read(id));
    const parent = town.made.manifest;
    expect(manifest.initial).toEqual({ ...parent.initial, seed: null });
    expect(manifest).toMatchObject({ model: parent.model, tokenizer: parent.tokenizer });
    const first = takeFirstWeights(crypto, place.library, manifest, manifest.initial);
    expect(await first.state(), 'what bounds are measured from').toEqual(
      initialState(crypto, planOf(manifest), parent.initial.seed!),
    );

    const netuid = await stranger.aSubnet();
    const run = hexToBytes(await stranger.runs.create(id, { ...OFFER, netuid }));
    expect(await stranger.ledger.run(run)).toMatchObject({
      parent: { run: town.id, round: 0 },
      parentModel: hexToBytes(model),
      root: parent.initial.root,
    });
    const { pages } = decodePageList(await read(bytesToHex(manifest.initial.pages)));
    const needed = [manifest.tokenizer, manifest.initial.pages, ...pages].map(bytesToHex);
    expect(place.library.blobsOf(bytesToHex(run)), 'what its trainers fetch').toEqual(
      expect.arrayContaining([id, ...needed]),
    );

    const facts = async (changes: Partial<RunManifest> = {}) =>
      releaseFactsOf(
        {
          ...{ ledger: stranger.ledger, chain: town.chain.ledger, records: aRecordStore(), recipe: null },
          desk: {
            ...{ id: run, name: bytesToHex(run), library: place.library },
            manifest: { ...manifest, ...changes },
            fetch: (blobs, from) => place.fetch(bytesToHex(run), blobs, from, town.log),
          },
        },
        (await stranger.ledger.run(run))!,
        ...([0, parent.initial.root] as const),
      );
    const data = parent.data.map(({ name, licence, tokens }) => ({ name, licence, tokens: BigInt(tokens) }));
    expect(await facts(), 'what its releases say').toMatchObject({
      parents: [{ id: model, name: 'cairn/stub', licence: 'CC-BY-SA-4.0' }],
      origin: { run: bytesToHex(town.id), round: 0, data },
    });
    const tolerance = { relative: '0.1', angle: '0.1', misplaced: '0.1' };
    for (const [replay, changes] of [
      ['exact', {}],
      ['bounded', { engine: 'tolerant', tolerance }],
      ['none', { engine: 'tolerant' }],
    ] as const)
      expect((await facts(changes)).run).toMatchObject({ replay });
    await town.accounts.owner.send('registry.retireModel', { model: hexToBytes(model) });
    expect(await facts(), 'once its parent is retired').toMatchObject({ parents: [], origin: { round: 0 } });

    const silent = await stranger.ledger.create({
      ...{ netuid, name: 'silent', manifest: hexToBytes(id), manifestBytes: (await read(id)).length },
      ...{ initialRoot: parent.initial.root, terms: townTerms(manifest), maintainers: [] },
      ...{ parent: null, parentModel: null, funds: 0n },
    });
    await expect(
      place.desk(stranger.ledger, bytesToHex(silent), town.log),
      'a run whose lineage is left out on the ledger',
    ).rejects.toMatchObject({
      code: 'RUN_MALFORMED',
      message: expect.stringContaining(
        `goes on from round 0 of ${bytesToHex(town.id)}, and the ledger's from nothing`,
      ),
    });
  });

  it('is refused with what to do, before anything of it is made', async () => {
    const town = await aRunTown({ validators: 0, trainers: 1 });
    const model = await releaseFirstWeights(town, { royaltyBps: 4_950 });
    const { place } = town.aMachine('stranger');
    const { make, folder } = await aStranger(town, 0, place);
    const good = aForkRecipe(town.id, 0);
    const run = bytesToHex(town.id);
    const tokenizer = (await trainCharacterTokenizer(['abc'])).model;
    writeFileSync(join(folder, 'other.json'), writeTokenizerJson(tokenizer));
    const refusals: readonly (readonly [code: string, message: string, change: object])[] = [
      ['RUN_UNKNOWN', 'See ./cairn train list', { parent: { run: '12'.repeat(32), round: 0 } }],
      ['CHECKPOINT_UNKNOWN', 'The newest are after round 0. Name one', { parent: { run, round: 4 } }],
      [
        'PARENT_NOT_RELEASED',
        'Leave parent.model out',
        { parent: { run, round: 0, model: '12'.repeat(32) } },
      ],
      [
        'RECIPE_MALFORMED',
        "model.width is 32, and the parent's is 16: leave model out",
        { model: { layers: 1, width: 32, heads: 2, hidden: 32, context: 16 } },
      ],
      ['RECIPE_MALFORMED', "is dense, and the parent's is sparse", { outer: { kind: 'dense' } }],
      [
        'RECIPE_MALFORMED',
        "another tokenizer than the parent's",
        { tokenizer: { kind: 'file', path: 'other.json' }, release: { licence: 'CC-BY-SA-4.0' } },
      ],
      [
        'LICENCE_REFUSED',
        'CC-BY-SA-4.0 wants what is made from it to stay under it. Choose a licence',
        { release: { licence: 'Apache-2.0' } },
      ],
      ['ROYALTIES_TOO_HIGH', 'Set release.royaltyBps to 50 or less', {}],
    ];
    for (const [code, message, change] of refusals) {
      const made = await make({ ...good, ...change });
      expect(made, message).toMatchObject({ state: 'failed', code });
      expect(made).toHaveProperty('message', expect.stringContaining(message));
    }
    const own = { parent: { run, round: 0, model }, release: { licence: 'CC-BY-SA-4.0', royaltyBps: 50 } };
    expect(await make({ ...good, ...own }), 'with the model by its id').toMatchObject({ state: 'made' });
  });

  it('is refused when nobody has a page of the weights, and takes none of other weights', async () => {
    const town = await aRunTown({ validators: 0, trainers: 1 });
    await releaseFirstWeights(town);
    const { library } = town.owner.place;
    const { root, pages } = town.made.manifest.initial;
    const list = decodePageList((await library.get(bytesToHex(pages)))!);
    const { place } = town.aMachine('stranger');
    const { make } = await aStranger(town, 0, place);
    const recipe = aForkRecipe(town.id, 0);
    const fetched = () => list.pages.filter((page) => place.library.has(bytesToHex(page))).length;

    const post = async (bytes: Uint8Array) => {
      const manifest = hexToBytes(await library.put(bytesToHex(town.id), bytes));
      const gguf = (await town.reader.checkpoint(town.id, 0))!.gguf;
      await town.ownerLedger.postCheckpoint({ run: town.id, round: 0, root, manifest, gguf });
    };
    const [first, ...others] = list.pages;
    const swapped = encodePageList({ ...list, pages: [crypto.sha256(first!), ...others] });
    const wide = list.tensors.map((tensor, at) => (at === 0 ? { ...tensor, shape: [1, 1] } : tensor));
    const lies: readonly (readonly [reason: string, bytes: Uint8Array])[] = [
      ['of other weights than the ledger names', swapped],
      ['cannot be read', encodePageList({ ...list, tensors: wide })],
      ['cannot be read', Uint8Array.of(1, 2, 3)],
    ];
    for (const [reason, bytes] of lies) {
      await post(bytes);
      const made = await make(recipe);
      expect(made, reason).toMatchObject({ state: 'failed', code: 'PARENT_MALFORMED' });
      expect(made).toHaveProperty('message', expect.stringContaining(reason));
    }
    expect(fetched(), 'pages fetched for a list that lies').toBe(0);

    await post(encodePageList(list));
    const page = bytesToHex(list.pages[2]!);
    for (const run of [bytesToHex(town.id), town.made.id]) await library.drop(run, page);
    const made = await make(recipe);
    expect(made).toMatchObject({ state: 'failed', code: 'PARENT_OUT_OF_REACH' });
    expect(made).toHaveProperty('message', expect.stringContaining('nothing was put on the ledger'));
  });
});
