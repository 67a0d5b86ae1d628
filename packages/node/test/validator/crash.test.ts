import { bytesToHex, decode } from '@cairn/core';
import { transaction } from '@cairn/ledger';
import type { LedgerWriter, RecordStore } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { auditWeights } from '../../src/audit/audit-weights.ts';
import { aRecordStore } from '../data/parts.ts';
import { aModel, aRandom } from './cast.ts';
import { aSubnetTown } from './subnet-town.ts';

type Town = Awaited<ReturnType<typeof aSubnetTown>>;

/** Messages of salts and weights: 48, 49, 51 and 52. */
const isOfWeights = (messageId: number) => messageId >= 48 && messageId <= 52;

/** A step after which the process is gone: the n-th of its kind. */
interface CrashPoint {
  readonly step: 'before writing' | 'after writing' | 'after sending';
  readonly at: number;
}

/** Disk and connection of a validator that is killed at a step. Nothing gets out of it afterwards. */
function aDoomedProcess({ chain }: Town, { step, at }: CrashPoint) {
  const disk = aRecordStore();
  let isDead = false;
  let writes = 0;
  let sends = 0;
  const die = (): never => {
    isDead = true;
    throw new Error('killed');
  };
  const live = () => (isDead ? die() : undefined);
  const records: RecordStore = {
    ...disk,
    async set(key, record) {
      live();
      if (key === 'validator/state') writes += 1;
      const isHere = key === 'validator/state' && writes === at;
      if (isHere && step === 'before writing') die();
      await disk.set(key, record);
      if (isHere && step === 'after writing') die();
    },
  };
  const writer: LedgerWriter = {
    async submit(bytes) {
      live();
      const result = await chain.ledger.submit(bytes);
      if (isOfWeights(decode(transaction, bytes).body.messageId)) sends += 1;
      if (sends === at && step === 'after sending') die();
      return result;
    },
    submitAndWait: async (bytes, timeoutMs) => {
      live();
      return chain.ledger.submitAndWait(bytes, timeoutMs);
    },
  };
  return { records, writer, disk, isDead: () => isDead };
}

async function historyOf({ chain }: Town) {
  const { height } = await chain.ledger.status();
  const events = [];
  const refused = [];
  for (let at = 1; at <= height; at++) {
    const block = await chain.ledger.block(at);
    events.push(...block!.events, ...block!.transactions.flatMap((transaction) => transaction.events));
    for (const { problem } of block!.transactions) if (problem !== null) refused.push(problem.code);
  }
  return { events, refused };
}

const POINTS: CrashPoint[] = [
  ...[1, 2, 3, 4, 5, 6].flatMap((at) => [
    { step: 'before writing' as const, at },
    { step: 'after writing' as const, at },
  ]),
  ...[1, 2, 3, 4, 5].map((at) => ({ step: 'after sending' as const, at })),
];

describe('a validator that is killed', () => {
  it.each(POINTS)('$step $at loses no weights and shows no salt', async (point) => {
    const town = await aSubnetTown([aModel(() => '0 0 * * *')], { tempo: 14 });
    const process = aDoomedProcess(town, point);
    const first = aRandom('first life');
    const doomed = town.startValidator(process.records, { random: first, writer: process.writer });
    await town.until('it is killed', process.isDead);
    await doomed.stop();
    const before = town.revealed();
    const second = aRandom('second life');
    town.startValidator(process.disk.copy(), { random: second });
    await town.until('two more epochs are revealed', () => town.revealed() >= before + 2);
    const audit = await auditWeights({ ...town.parts, blobs: town.blobs }, town.netuid, town.validatorUid);
    expect(audit.findings).toEqual([]);
    const { events, refused } = await historyOf(town);
    expect(refused).toEqual([]);
    expect(events.filter(({ name }) => name === 'yuma.revealMissed')).toEqual([]);
    const set = events.filter(({ name }) => name === 'yuma.weightsSet').map(({ data }) => data);
    const scored = set.map(({ scoredEpoch }) => Number(scoredEpoch));
    // Every epoch since the first that was scored, one after the other.
    expect(scored).toEqual(scored.map((_, index) => scored[0]! + index));
    const shown = new Set(set.map(({ salt }) => String(salt)));
    const sent = town.frames.map(({ bytes }) => bytesToHex(bytes)).join(' ');
    for (const salt of [...first.drawn, ...second.drawn]
      .filter(({ length }) => length === 32)
      .map(bytesToHex)) {
      expect(sent).not.toContain(salt);
      if (!shown.has(salt)) expect(town.log.lines.join(' ')).not.toContain(salt);
    }
  });
});
