import { bytesToHex, decode } from '@cairn/core';
import { transaction } from '@cairn/ledger';
import { openEvidence } from '@cairn/mechanisms';
import type { BlobStore, LedgerWriter } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { auditWeights } from '../../src/audit/audit-weights.ts';
import { aRecordStore } from '../data/parts.ts';
import { crypto } from '../rpc/parts.ts';
import { aModel, aRandom } from './cast.ts';
import { aSubnetTown } from './subnet-town.ts';

const guess = () => aModel(() => '0 0 * * *');

describe('a validator', () => {
  it('sets weights whose evidence holds, epoch after epoch, and never shows a salt before it is revealed', async () => {
    const town = await aSubnetTown([guess(), guess()]);
    const random = aRandom('validator');
    const records = aRecordStore();
    town.startValidator(records, { random });
    for (let epochs = 1; epochs <= 3; epochs++) {
      await town.until(`${epochs} epochs are revealed`, () => town.revealed() >= epochs);
      const audit = await auditWeights({ ...town.parts, blobs: town.blobs }, town.netuid, town.validatorUid);
      expect(audit.findings, `epoch ${audit.epoch}`).toEqual([]);
      expect(audit).toMatchObject({ ok: true, tasks: 4, receipts: 8, validator: town.validatorKey.address });
    }
    const { height } = await town.chain.ledger.status();
    const revealed = new Set<string>();
    for (let at = 1; at <= height; at++) {
      const block = await town.chain.ledger.block(at);
      for (const { name, data } of block!.transactions.flatMap(({ events }) => events))
        if (name === 'yuma.weightsSet') revealed.add(String(data.salt));
    }
    expect(revealed.size).toBe(3);
    const sent = town.frames.map(({ bytes }) => bytesToHex(bytes)).join(' ');
    for (const salt of random.drawn.filter(({ length }) => length === 32).map(bytesToHex)) {
      expect(sent).not.toContain(salt);
      expect(town.log.lines.join(' ')).not.toContain(salt);
    }
  });

  it('publishes its evidence sealed before it sends the weights, and their salt opens it', async () => {
    const town = await aSubnetTown([guess()]);
    const early: boolean[] = [];
    const sealed: Uint8Array[] = [];
    const blobs: BlobStore = {
      ...town.blobs,
      async put(bytes) {
        const id = await town.blobs.put(bytes);
        early.push((await town.weights())?.evidenceRoot !== id);
        sealed.push(bytes);
        return id;
      },
    };
    const random = aRandom('validator');
    town.startValidator(aRecordStore(), { blobs, random });
    await town.until('two epochs are revealed', () => town.revealed() >= 2);
    expect(early.slice(0, 2)).toEqual([true, true]);
    const roots = sealed.map((bytes) => bytesToHex(crypto.sha256(bytes)));
    expect((await town.weights())!.evidenceRoot).toBe(roots[1]);
    const [salt, next] = random.drawn.filter(({ length }) => length === 32) as [Uint8Array, Uint8Array];
    expect(Buffer.from(sealed[0]!).includes(Buffer.from(salt))).toBe(false);
    expect(openEvidence(crypto, salt, sealed[0]!).salt).toEqual(salt);
    expect(() => openEvidence(crypto, salt, sealed[1]!)).toThrow('does not open');
    const second = openEvidence(crypto, next, sealed[1]!);
    expect(bytesToHex(second.previousRoot)).toBe(roots[0]);
  });

  it('scores the others when a miner hangs', async () => {
    const held = Promise.withResolvers<string>();
    const town = await aSubnetTown([guess(), aModel(() => held.promise)], { tempo: 40 });
    town.startValidator(aRecordStore());
    await town.until('an epoch is revealed', () => town.revealed() >= 1, 250);
    const audit = await auditWeights({ ...town.parts, blobs: town.blobs }, town.netuid, town.validatorUid);
    expect(audit).toMatchObject({ ok: true, receipts: 4 });
    held.resolve('at last');
  });

  it('scores the others when a miner fails', async () => {
    const failing = aModel(() => {
      throw new Error('out of memory');
    });
    const town = await aSubnetTown([guess(), failing]);
    town.startValidator(aRecordStore());
    await town.until('an epoch is revealed', () => town.revealed() >= 1);
    const audit = await auditWeights({ ...town.parts, blobs: town.blobs }, town.netuid, town.validatorUid);
    expect(audit).toMatchObject({ ok: true, receipts: 4 });
  });

  it('has its evidence published after a crash between sending weights and hearing of them', async () => {
    const town = await aSubnetTown([guess()]);
    const records = aRecordStore();
    const first = town.startValidator(records);
    let crashed = null as ReturnType<typeof records.copy> | null;
    await town.until('weights are on the ledger', async () => {
      // What a crash in the moment before the block would leave on disk.
      if ((await town.weights()) === null) crashed = records.copy();
      return (await town.weights()) !== null;
    });
    await first.stop();
    const before = await town.weights();
    const again = town.startValidator(crashed!, { random: aRandom('second life') });
    await town.until(
      'the evidence is published',
      async () => (await town.blobs.get(before!.evidenceRoot)) !== null,
    );
    const audit = await auditWeights({ ...town.parts, blobs: town.blobs }, town.netuid, town.validatorUid);
    expect(audit).toMatchObject({ ok: true, evidenceRoot: before!.evidenceRoot });
    await town.until(
      'the next weights',
      async () => (await town.weights())!.evidenceRoot !== before!.evidenceRoot,
    );
    await again.stop();
  });

  it('commits to another salt when its records are lost, and goes on', async () => {
    const town = await aSubnetTown([guess()]);
    const first = town.startValidator(aRecordStore());
    await town.until('an epoch is revealed', () => town.revealed() >= 1);
    await first.stop();
    const before = await town.weights();
    const already = town.revealed();
    town.startValidator(aRecordStore(), { random: aRandom('second life') });
    await town.until('another epoch is revealed', () => town.revealed() > already);
    expect((await town.weights())!.evidenceRoot).not.toBe(before!.evidenceRoot);
    const audit = await auditWeights({ ...town.parts, blobs: town.blobs }, town.netuid, town.validatorUid);
    expect(audit.findings).toEqual([]);
  });

  it('tries a refused reveal again within the epoch, and scores meanwhile', async () => {
    const town = await aSubnetTown([guess()], { tempo: 20 });
    const { ledger } = town.chain;
    let refusals = 0;
    const writer: LedgerWriter = {
      submitAndWait: ledger.submitAndWait,
      async submit(bytes) {
        if (decode(transaction, bytes).body.messageId !== 52 || refusals >= 5) return ledger.submit(bytes);
        refusals += 1;
        return {
          ok: false,
          id: null,
          problem: { code: 'MEMPOOL_FULL', message: 'Too many wait. Send it again.' },
        };
      },
    };
    town.startValidator(aRecordStore(), { writer });
    await town.until('two epochs are revealed', () => town.revealed() >= 2);
    expect(refusals).toBe(5);
    expect(town.log.lines.filter((line) => line.includes('could not be revealed yet'))).toHaveLength(5);
    const { neurons } = await ledger.query<{ neurons: { uid: number; missedReveals: number }[] }>(
      'subnets_metagraph',
      { netuid: town.netuid },
    );
    expect(neurons.every(({ missedReveals }) => missedReveals === 0)).toBe(true);
    const audit = await auditWeights({ ...town.parts, blobs: town.blobs }, town.netuid, town.validatorUid);
    expect(audit.findings).toEqual([]);
  });

  it('goes on where its subnet changes to weights in the open, and back', async () => {
    const town = await aSubnetTown([guess()]);
    town.startValidator(aRecordStore());
    await town.until('an epoch is revealed', () => town.revealed() >= 1);
    for (const value of [0n, 1n]) {
      const changes = [{ name: 'commitReveal', value }];
      const change = () =>
        town.during(town.accounts.owner.send('subnets.setHyperparameters', { netuid: town.netuid, changes }));
      let isChanged = false;
      await town.until('the owner may change it', async () => {
        isChanged ||= await change().then(
          () => true,
          () => false,
        );
        return isChanged;
      });
      const { epoch: from } = await town.chain.ledger.query<{ epoch: number }>('yuma_seed', {
        netuid: town.netuid,
      });
      const inForce = () =>
        town.chain.ledger.query<{ epoch: number; scoredEpoch: number }>('yuma_weights', {
          netuid: town.netuid,
          uid: town.validatorUid,
        });
      await town.until('weights come in the new way', async () => {
        const { epoch, scoredEpoch } = await inForce();
        return scoredEpoch > from && epoch - scoredEpoch === Number(value);
      });
      const audit = await auditWeights({ ...town.parts, blobs: town.blobs }, town.netuid, town.validatorUid);
      expect(audit.findings, `commitReveal ${value}`).toEqual([]);
    }
  });
});
