import { openEvidence } from '@cairn/mechanisms';
import type { Frame } from '@cairn/network';
import { COUNTERSIGNED_PROTOCOL, INFER_PROTOCOL } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { auditWeights } from '../../src/audit/audit-weights.ts';
import { createRefutedFinder } from '../../src/evidence/find-refuted.ts';
import { aBlobStore, aRecordStore } from '../data/parts.ts';
import { aModel, aRandom } from '../validator/cast.ts';
import { aSubnetTown, type SubnetTownOptions } from '../validator/subnet-town.ts';
import { eventsOf, type LeaveOut, startCheat, withEpochs } from './cheat.ts';

const guess = () => aModel(() => '0 0 * * *');
const CHEAT = 2;

/** Two honest validators and a third that measures, and leaves out of its evidence what it likes. */
async function aTownWithSilencer(leaveOut: LeaveOut) {
  const town = await aSubnetTown([guess(), guess()], { validators: 3, tempo: 20 });
  const stores = [aBlobStore(), aBlobStore()] as const;
  for (const [index, blobs] of stores.entries())
    town.startValidator(aRecordStore(), { index, blobs, random: aRandom(`validator ${index}`) });
  startCheat(town, CHEAT, (outcome) => outcome, leaveOut);
  await withEpochs(town, 3);
  const uid = await town.uidOf(town.keys.validators[CHEAT]!.hotkey.address);
  const forfeited = await eventsOf(town, 'yuma.dividendsForfeited');
  return { town, uid, stores, forfeited, log: town.log.lines.join('\n') };
}

describe('a validator that denies answers', () => {
  it('is refuted by the receipt it has countersigned, and loses its dividends', async () => {
    const { town, uid, stores, forfeited, log } = await aTownWithSilencer((answers) => answers.slice(1));
    expect(log).toContain('"codes":["SILENCE_REFUTED"]');
    expect(forfeited.length).toBeGreaterThan(0);
    for (const data of forfeited) expect(data).toMatchObject({ uid, reason: 'evidenceWithheld' });
    expect(forfeited.some(({ amount }) => BigInt(String(amount)) > 0n)).toBe(true);
    const parts = { ...town.parts, blobs: stores[0] };
    const transport = town.network.join('somebody');
    const findRefuted = createRefutedFinder({ ...town.parts, transport });
    const audit = await auditWeights({ ...parts, findRefuted }, town.netuid, uid);
    expect(audit.findings.map(({ code }) => code)).toEqual(['SILENCE_REFUTED']);
    // Who cannot ask is told that nobody was.
    const alone = await auditWeights(parts, town.netuid, uid);
    expect(alone).toMatchObject({ findings: [], unverified: ['miners', 'silence'] });
  });

  it('is attested when it leaves nothing out', async () => {
    const { forfeited, log } = await aTownWithSilencer((answers) => answers);
    expect(forfeited).toEqual([]);
    expect(log).not.toContain('contradicts');
  });
});

describe('an honest validator', () => {
  /** Three of them, on a network that does as the test says. */
  async function anHonestTown(models: Parameters<typeof aSubnetTown>[0], options: SubnetTownOptions = {}) {
    const town = await aSubnetTown(models, { validators: 3, tempo: 24, ...options });
    const stores = [aBlobStore(), aBlobStore(), aBlobStore()];
    for (const [index, blobs] of stores.entries())
      town.startValidator(aRecordStore(), { index, blobs, random: aRandom(`validator ${index}`) });
    await withEpochs(town, 3);
    const set = await eventsOf(town, 'yuma.weightsSet');
    const rows = [];
    for (const { evidenceRoot, salt } of set) {
      for (const blobs of stores) {
        const sealed = await blobs.get(String(evidenceRoot));
        if (sealed === null) continue;
        const opened = openEvidence(town.parts.crypto, Buffer.from(String(salt), 'hex'), sealed);
        rows.push(...opened.rows);
        break;
      }
    }
    const asked = town.frames.some(({ protocol }) => protocol === COUNTERSIGNED_PROTOCOL);
    return {
      silent: rows.filter(({ isAnswered }) => !isAnswered).length,
      answered: rows.filter(({ isAnswered }) => isAnswered).length,
      asked,
      forfeited: await eventsOf(town, 'yuma.dividendsForfeited'),
      log: town.log.lines.join('\n'),
    };
  }

  it('is not refuted where receipts, vouchers or answers are lost, and miners are asked', async () => {
    let cuts = 0;
    // Every fifth answer breaks somewhere, each time at another frame of either side.
    const onFrame = ({ protocol, stream, index }: Frame) => {
      if (protocol !== INFER_PROTOCOL || stream % 5 !== 0 || index !== (stream / 5) % 4) return 'pass';
      cuts += 1;
      return 'cut';
    };
    const found = await anHonestTown([guess(), guess()], { onFrame });
    expect(cuts).toBeGreaterThan(3);
    expect(found.silent).toBeGreaterThan(0);
    expect(found.answered).toBeGreaterThan(0);
    expect(found.asked).toBe(true);
    expect(found.log).not.toContain('contradicts');
    // What is lost is missing in the evidence, and is paid for in proportion only.
    for (const { reason } of found.forfeited) expect(reason).toBe('lessEvidence');
  });

  it('is not refuted by a miner that answers after its time', async () => {
    const slow = (town: { block: number }) =>
      aModel(async () => {
        town.block += 1;
        if (town.block % 3 === 0) for (let turn = 0; turn < 400; turn++) await new Promise(setImmediate);
        return '0 0 * * *';
      });
    const found = await anHonestTown([guess(), slow({ block: 0 })]);
    expect(found.answered).toBeGreaterThan(0);
    expect(found.log).not.toContain('contradicts');
    expect(found.forfeited).toEqual([]);
  });

  it('counts after a crash what it signed for before, though the miner answers no more', async () => {
    let isGone = false;
    const model = aModel(() => {
      if (isGone) throw new Error('gone');
      return '0 0 * * *';
    });
    const town = await aSubnetTown([model], { tempo: 16 });
    const records = aRecordStore();
    let asked = 0;
    const counted = {
      ...records,
      async set(key: string, record: Uint8Array) {
        await records.set(key, record);
        if (key.startsWith('validator/answer/')) {
          asked += 1;
          isGone = asked >= 2;
        }
      },
    };
    const first = town.startValidator(counted);
    await town.until('some answers are kept', () => isGone);
    await first.stop();
    expect(town.revealed()).toBe(0);
    town.startValidator(records, { random: aRandom('after') });
    await town.until('weights are in force', () => town.revealed() >= 1);
    const { evidenceRoot } = (await town.weights())!;
    const [set] = await eventsOf(town, 'yuma.weightsSet');
    const salt = Buffer.from(String(set!.salt), 'hex');
    const opened = openEvidence(town.parts.crypto, salt, (await town.blobs.get(evidenceRoot))!);
    expect(opened.rows.filter(({ isAnswered }) => isAnswered).length).toBeGreaterThanOrEqual(2);
  });
});
