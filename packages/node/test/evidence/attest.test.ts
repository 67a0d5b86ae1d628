import { BLOB_PROTOCOL, type BlobStore } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { auditWeights } from '../../src/audit/audit-weights.ts';
import { aBlobStore, aRecordStore } from '../data/parts.ts';
import { aModel, aRandom } from '../validator/cast.ts';
import { aSubnetTown } from '../validator/subnet-town.ts';
import { eventsOf, type Town, withEpochs } from './cheat.ts';

const guess = () => aModel(() => '0 0 * * *');

/** Keeps what it is given to itself: a validator that publishes nothing. */
function aDeadEnd(): BlobStore {
  const { put } = aBlobStore();
  return { put, get: async () => null };
}

/** Never hands out what its validator published: its peer accepts a request and then says nothing. */
function aHangingStore(): BlobStore {
  const { put, get } = aBlobStore();
  // What was looked for before it was there came from others.
  const foreign = new Set<string>();
  return {
    put,
    async get(id) {
      const bytes = await get(id);
      if (bytes === null) foreign.add(id);
      return bytes === null || foreign.has(id) ? bytes : new Promise(() => undefined);
    },
  };
}

function startAll(town: Town, stores: readonly BlobStore[]): void {
  for (const [index, blobs] of stores.entries())
    town.startValidator(aRecordStore(), { index, blobs, random: aRandom(`validator ${index}`) });
}

describe('validators with stores of their own', () => {
  it('fetch the evidence of the others, attest it and lose nothing', async () => {
    const town = await aSubnetTown([guess(), guess()], { validators: 3, tempo: 20 });
    const stores = [aBlobStore(), aBlobStore(), aBlobStore()];
    startAll(town, stores);
    await withEpochs(town, 2);
    expect(await eventsOf(town, 'yuma.dividendsForfeited')).toEqual([]);
    const attested = await eventsOf(town, 'yuma.evidenceAttested');
    const uids = await Promise.all(town.keys.validators.map(({ hotkey }) => town.uidOf(hotkey.address)));
    for (const uid of uids) {
      const last = attested.filter((data) => data.uid === uid).at(-1);
      expect(last, `uid ${uid}`).toBeDefined();
      expect([...(last!.uids as number[]), uid].sort()).toEqual([...uids].sort());
    }
    expect(town.frames.some(({ protocol }) => protocol === BLOB_PROTOCOL)).toBe(true);
    // What one validator published can be audited from the store of another.
    for (const uid of uids) {
      const audit = await auditWeights({ ...town.parts, blobs: stores[0]! }, town.netuid, uid);
      expect(audit.findings).toEqual([]);
    }
  });

  it('cost the one that publishes nothing its dividends, and no other', async () => {
    const town = await aSubnetTown([guess(), guess()], { validators: 3, tempo: 20 });
    startAll(town, [aBlobStore(), aBlobStore(), aDeadEnd()]);
    await withEpochs(town, 2);
    const silent = await town.uidOf(town.keys.validators[2]!.hotkey.address);
    const forfeited = await eventsOf(town, 'yuma.dividendsForfeited');
    expect(forfeited.length).toBeGreaterThan(0);
    for (const data of forfeited) expect(data).toMatchObject({ uid: silent, reason: 'evidenceWithheld' });
    const { neurons } = await town.chain.ledger.query<{
      neurons: { uid: number; withheldEvidence: number }[];
    }>('subnets_metagraph', { netuid: town.netuid });
    for (const { uid, withheldEvidence } of neurons)
      expect(withheldEvidence > 0, `uid ${uid}`).toBe(uid === silent);
  });

  it('set their weights in time when the peer of another hangs', async () => {
    const town = await aSubnetTown([guess()], { validators: 2, tempo: 20 });
    const [works, hangs] = town.keys.validators;
    startAll(town, [aBlobStore(), aHangingStore()]);
    await withEpochs(town, 3);
    const uid = await town.uidOf(works!.hotkey.address);
    const set = (await eventsOf(town, 'yuma.weightsSet')).filter((data) => data.uid === uid);
    expect(new Set(set.map(({ epoch }) => epoch)).size).toBeGreaterThanOrEqual(3);
    const silent = await town.uidOf(hangs!.hotkey.address);
    const forfeited = await eventsOf(town, 'yuma.dividendsForfeited');
    expect(forfeited.length).toBeGreaterThan(0);
    for (const data of forfeited) expect(data).toMatchObject({ uid: silent, reason: 'evidenceWithheld' });
  });

  it('attest what was revealed before they started in the middle of an epoch', async () => {
    const town = await aSubnetTown([guess()], { validators: 2, tempo: 40 });
    const stores = [aBlobStore(), aBlobStore()] as const;
    town.startValidator(aRecordStore(), { index: 0, blobs: stores[0], random: aRandom('one') });
    await town.until('weights are revealed', () => town.revealed() >= 1, 300);
    const [{ epoch }] = (await eventsOf(town, 'yuma.weightsSet')) as [{ epoch: number }];
    town.startValidator(aRecordStore(), { index: 1, blobs: stores[1], random: aRandom('two') });
    await town.until(
      'the late one attests',
      async () => (await eventsOf(town, 'yuma.evidenceAttested')).length > 0,
    );
    const [attested] = await eventsOf(town, 'yuma.evidenceAttested');
    expect(attested).toMatchObject({ epoch, uids: [town.validatorUid] });
  });
});
