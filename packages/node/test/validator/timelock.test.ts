import { createBeaconSigner } from '@cairn/core';
import { roundTimeMs } from '@cairn/ledger';
import { describe, expect, it } from 'vitest';
import { auditWeights } from '../../src/audit/audit-weights.ts';
import type { BeaconSource } from '../../src/beacon/beacon-source.ts';
import { aRecordStore } from '../data/parts.ts';
import { aModel, aRandom } from './cast.ts';
import { aSubnetTown } from './subnet-town.ts';

const guess = () => aModel(() => '0 0 * * *');
const signer = createBeaconSigner(new Uint8Array(32).fill(11));
const BEACON = { publicKey: signer.publicKey, genesisMs: 1_699_999_990_000n, periodMs: 1_000n };

/** A subnet that locks weights to rounds, and a source that has a round when its time has come. */
async function aTimelockedTown(options: Parameters<typeof aSubnetTown>[1] = {}) {
  const town = await aSubnetTown([guess()], { tempo: 20, ...options, beacon: BEACON });
  const changes = [{ name: 'commitReveal', value: 2n }];
  await town.during(town.accounts.owner.send('subnets.setHyperparameters', { netuid: town.netuid, changes }));
  const asked: bigint[] = [];
  const source: BeaconSource = {
    async pulse(round) {
      asked.push(round);
      return BigInt(town.parts.clock.nowMs()) >= roundTimeMs(BEACON, round) ? signer.sign(round) : null;
    },
  };
  const count = (text: string) => town.log.lines.filter((line) => line.includes(text)).length;
  const audit = () => auditWeights({ ...town.parts, blobs: town.blobs }, town.netuid, town.validatorUid);
  const missed = async () => {
    const { neurons } = await town.chain.ledger.query<{ neurons: { missedReveals: number }[] }>(
      'subnets_metagraph',
      { netuid: town.netuid },
    );
    return neurons.reduce((total, { missedReveals }) => total + missedReveals, 0);
  };
  return { ...town, source, asked, count, audit, missed };
}

describe('a validator of a subnet that locks weights to rounds', () => {
  it('seals them, brings the pulse in, and its evidence holds, epoch after epoch', async () => {
    const town = await aTimelockedTown();
    town.startValidator(aRecordStore(), { source: town.source });
    for (let epochs = 1; epochs <= 3; epochs++) {
      await town.until(
        `${epochs} epochs are opened`,
        () => town.count('"sealed weights were opened"') >= epochs,
      );
      const audit = await town.audit();
      expect(audit.findings, `epoch ${audit.epoch}`).toEqual([]);
    }
    expect(town.revealed()).toBe(0);
    expect(town.count('"pulse brought in"')).toBeGreaterThanOrEqual(3);
    expect(await town.missed()).toBe(0);
  });

  it('goes on after a restart with what it sealed', async () => {
    const town = await aTimelockedTown();
    const records = aRecordStore();
    const first = town.startValidator(records, { source: town.source });
    await town.until('weights are sealed', () => town.count('"weights sealed"') >= 1);
    const kept = records.copy();
    await first.stop();
    town.startValidator(kept, { source: town.source, random: aRandom('second life') });
    await town.until('two epochs are opened', () => town.count('"sealed weights were opened"') >= 2);
    expect((await town.audit()).findings).toEqual([]);
    expect(await town.missed()).toBe(0);
  });

  it('reveals by hand where nobody brings the pulse in', async () => {
    const town = await aTimelockedTown();
    town.startValidator(aRecordStore());
    await town.until('two epochs are revealed', () => town.revealed() >= 2);
    expect((await town.audit()).findings).toEqual([]);
    expect(await town.missed()).toBe(0);
  });

  it('takes turns with the others, so that few pulses are sent in vain', async () => {
    const town = await aTimelockedTown({ validators: 2 });
    town.startValidator(aRecordStore(), { source: town.source });
    town.startValidator(aRecordStore(), { source: town.source, index: 1, random: aRandom('other') });
    await town.until('both are opened twice', () => town.count('"sealed weights were opened"') >= 4);
    expect(town.count('"a pulse could not be brought in yet"')).toBe(0);
  });

  it('sends no pulse that a source forged', async () => {
    const town = await aTimelockedTown();
    const source: BeaconSource = { pulse: async (round) => signer.sign(round + 1n) };
    town.startValidator(aRecordStore(), { source });
    await town.until('a forgery is seen', () => town.count('gave a forged pulse') >= 1);
    await town.until('an epoch is revealed by hand', () => town.revealed() >= 1);
    expect(town.count('"pulse brought in"')).toBe(0);
  });
});
