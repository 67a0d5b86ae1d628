import { accountIdToAddress, bytesToHex } from '@cairn/core';
import { BLOB_PROTOCOL } from '@cairn/protocol';
import { describe, expect, it } from 'vitest';
import { systemTimer } from '../../src/real/timer.ts';
import { aRandom } from '../validator/cast.ts';
import { aRunTown } from './run-town.ts';

type Town = Awaited<ReturnType<typeof aRunTown>>;

const settled = (town: Town, round: number) =>
  town.until(`round ${round} is settled`, async () => (await town.run()).round > round, 300_000);

describe('a training run over bad links', () => {
  it('goes on over links that take two seconds and lose one frame of ten, and slashes nobody', {
    timeout: 900_000,
  }, async () => {
    const random = aRandom('links');
    let lost = 0;
    const town = await aRunTown({
      terms: { minTrainers: 3, minTrainSlots: 400, drawBps: 10_000, rounds: 2 },
      onFrame() {
        if (random.bytes(1)[0]! < 256 / 10) {
          lost += 1;
          return 'cut';
        }
        return { delay: new Promise((resolve) => systemTimer.schedule(2_000, resolve)) };
      },
    });
    for (const index of [0, 1, 2]) await town.aTrainer(index);
    await settled(town, 2);
    for (const round of [1, 2]) {
      const paid = (await town.reader.paidRound(town.id, round))!;
      expect(paid.lines.filter(({ pay }) => pay > 0n).length, `round ${round}`).toBe(3);
    }
    expect(lost).toBeGreaterThan(0);
    await town.until(
      'all cases are judged',
      async () => (await town.reader.cases(town.id)).length === 0,
      300_000,
    );
    const seats = await town.chain.ledger.query<{ isConvicted: boolean }[]>('training_seats', {
      run: bytesToHex(town.id),
    });
    expect(seats.map(({ isConvicted }) => isConvicted)).toEqual([false, false, false]);
  });

  it('takes a newcomer whose donor dies while it fetches', { timeout: 900_000 }, async () => {
    let die: ((donor: string) => void) | null = null;
    const town = await aRunTown({
      terms: { minTrainers: 2, minTrainSlots: 400 },
      onFrame({ from, to, protocol, index }) {
        // The second frame of an answer: the donor has begun to send.
        if (protocol !== BLOB_PROTOCOL || to !== 'trainer-2' || index < 1 || from === 'validator-0')
          return 'pass';
        die?.(from);
        return 'pass';
      },
    });
    const trainers = new Map<string, Awaited<ReturnType<Town['aTrainer']>>>();
    for (const index of [0, 1]) trainers.set(`trainer-${index}`, await town.aTrainer(index));
    await settled(town, 2);
    const died: string[] = [];
    die = (donor) => {
      die = null;
      died.push(donor);
      void (trainers.get(donor) ?? town.owner).stop();
    };
    const newcomer = await town.aTrainer(2);
    expect(died).toHaveLength(1);
    const dead = trainers.get(died[0]!)?.role.address;
    const isDead = (device: Uint8Array) => accountIdToAddress(device) === dead;
    const isPaid = async (): Promise<boolean> => {
      const { run, roster } = await town.round();
      const late = roster.filter(({ update }) => update === null);
      if (run.phase === 'train' && late.length > 0 && late.every(({ device }) => isDead(device)))
        await town.pass(401);
      const seat = await town.reader.seat(town.id, newcomer.account);
      const paid = await town.reader.paidRound(town.id, run.round - 1);
      return paid?.lines.some((line) => line.seat === seat?.number && line.pay > 0n) === true;
    };
    await town.until('the newcomer is paid', isPaid, 600_000);
  });
});
