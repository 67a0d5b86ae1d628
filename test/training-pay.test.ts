import {
  judgeRound,
  loadSkillModel,
  scoresToU16,
  type TrainerEvidence,
  type TrainerRecord,
} from '@cairn/training';
import { describe, expect, it } from 'vitest';
import { aRun, REWARD, TERMS } from '../packages/ledger/test/support/training.ts';

const rate = await loadSkillModel();
const FOR_TRAINERS = (REWARD * 80n) / 100n;
/** One of the 65,535 parts of the largest score: trust is an average of floats, so equals may be one part apart. */
const ONE_PART = 1 / 65_535;

interface Turn {
  /** @default all */
  readonly steps?: number;
  readonly isAway?: boolean;
}

/** Two trainers whose updates gain the same, and what a round pays both by the scores that validators find. */
async function aPaidRun() {
  const play = await aRun({ trainers: 2 });
  let records: ReadonlyMap<string, TrainerRecord> = new Map();
  return (turns: readonly [Turn, Turn]): { pays: bigint[]; ramps: number[] } => {
    const turnOf = (person: (typeof play.trainers)[number]) => turns[play.trainers.indexOf(person)]!;
    const seats = play.trainers.map((person) => play.seatOf(person).number as number);
    const judged = judgeRound(
      rate,
      records,
      turns.map(({ steps = TERMS.innerSteps, isAway = false }, at): TrainerEvidence => {
        const improvement = isAway ? null : { assigned: 0.03, unseen: 0.02, aim: 8 };
        return { trainer: String(at), improvement, steps: steps / TERMS.innerSteps, overlap: 0 };
      }),
    );
    ({ records } = judged);
    const scores = scoresToU16(judged.judgements);
    const round = play.play({
      people: play.trainers.filter((person) => turnOf(person).isAway !== true),
      scoreOf: (person) => scores[play.trainers.indexOf(person)]!,
      update: (person) => ({ steps: turnOf(person).steps ?? TERMS.innerSteps }),
    });
    const lines: { seat: number; pay: string; rampBps: number }[] = play.explain(round).trainers;
    const lineOf = (seat: number) => lines.find((line) => line.seat === seat)!;
    return {
      pays: seats.map((seat) => BigInt(lineOf(seat).pay)),
      ramps: seats.map((seat) => lineOf(seat).rampBps),
    };
  };
}

describe('pay by the scores that validators find', () => {
  it('counts steps once: of equal gains, half the steps are paid a third and all of them two thirds', async () => {
    const pay = await aPaidRun();
    expect(pay([{}, { steps: 5 }]).pays).toEqual([(FOR_TRAINERS * 2n) / 3n, FOR_TRAINERS / 3n]);
  });

  it('counts misses once: the first costs its own pay only, the second a quarter of the next weight', async () => {
    const pay = await aPaidRun();
    expect(pay([{}, { isAway: true }]).pays).toEqual([FOR_TRAINERS, 0n]);
    const afterOne = pay([{}, {}]);
    expect(afterOne.ramps).toEqual([10_000, 10_000]);
    expectShares(afterOne.pays, [1 / 2, 1 / 2]);
    for (let missed = 0; missed < 2; missed += 1) pay([{}, { isAway: true }]);
    const afterTwo = pay([{}, {}]);
    expect(afterTwo.ramps).toEqual([10_000, 7_500]);
    expectShares(afterTwo.pays, [4 / 7, 3 / 7]);
  });
});

function expectShares(pays: readonly bigint[], shares: readonly number[]): void {
  for (const [at, share] of shares.entries()) {
    const found = Number(pays[at]) / Number(FOR_TRAINERS);
    expect(Math.abs(found - share), `trainer ${at} got ${found} of ${share}`).toBeLessThanOrEqual(ONE_PART);
  }
}
