import { describe, expect, it } from 'vitest';
import {
  decodeUpdate,
  encodeUpdate,
  judgeRound,
  loadSkillModel,
  NEW_RECORD,
  overlapOf,
  type RoundJudgement,
  scoresToU16,
  type TrainerEvidence,
  type TrainerRecord,
} from '../../src/index.ts';
import { aChange, HEADER, TABLE } from '../update/changes.ts';

const rate = await loadSkillModel();

function gained(trainer: string, unseen: number, assigned = unseen * 1.5, aim = 8): TrainerEvidence {
  return { trainer, improvement: { assigned, unseen, aim }, steps: 1, overlap: 0 };
}

/** The same evidence round after round. */
function judgeRounds(
  rounds: number,
  evidence: readonly TrainerEvidence[],
  records: RoundJudgement['records'] = new Map(),
): RoundJudgement {
  let judged: RoundJudgement = { judgements: [], records };
  for (let round = 0; round < rounds; round += 1) judged = judgeRound(rate, judged.records, evidence);
  return judged;
}

function refusals({ judgements }: RoundJudgement): (string | null)[] {
  return judgements.map(({ refusal }) => refusal);
}

describe('the judgement of a round', () => {
  it('ranks skill: who helps more, again and again, scores more', () => {
    const { judgements } = judgeRounds(8, [gained('a', 0.03), gained('b', 0.02), gained('c', 0.01)]);
    const [a, b, c] = judgements.map(({ score }) => score) as [number, number, number];
    expect(a).toBeGreaterThan(b);
    expect(b).toBeGreaterThan(c);
    expect(c).toBeGreaterThan(0);
  });

  it('excludes after three rounds that made the loss worse, until one that does not', () => {
    const others = [gained('a', 0.03), gained('b', 0.02), gained('c', 0.02)];
    const bad = judgeRounds(3, [...others, gained('d', -0.01)]);
    expect(bad.records.get('d')!.isExcluded).toBe(true);
    const still = judgeRound(rate, bad.records, [...others, gained('d', -0.001)]);
    expect(still.records.get('d')!.isExcluded).toBe(true);
    const better = judgeRound(rate, still.records, [...others, gained('d', 0.02)]);
    expect(better.records.get('d')!.isExcluded).toBe(false);
    expect(better.judgements[3]!.isAccepted).toBe(true);
    expect(better.judgements[3]!.score).toBeLessThan(better.judgements[0]!.score);
  });

  it('blames nobody when the fifth-best is negative, and leaves out only what is far below', () => {
    const evidence = [0.01, 0.004, -0.001, -0.002, -0.003, -0.004, -0.5].map((gain, index) =>
      gained(`trainer ${index}`, gain),
    );
    const judged = judgeRounds(3, evidence);
    expect(refusals(judged)).toEqual([null, null, null, null, null, null, 'harmful']);
    for (const record of judged.records.values()) expect(record.isExcluded).toBe(false);
  });

  it('accepts nothing harmful from one alone', () => {
    expect(refusals(judgeRounds(1, [gained('a', -0.01)]))).toEqual(['harmful']);
  });

  it('takes a slow trainer by its steps, and noise that gains next to nothing for useless', () => {
    const evidence = [gained('a', 0.02), gained('b', 0.02), gained('slow', 0.0009), gained('noise', 0.0009)];
    evidence[2] = { ...evidence[2]!, steps: 0.1 };
    expect(refusals(judgeRounds(1, evidence))).toEqual([null, null, null, 'useless']);
  });

  it('takes for noise what gains as much as others and is aimed no better than chance', () => {
    const lucky = [gained('a', 0.02), gained('b', 0.02), gained('lucky', 0.03, 0.03, 2.4)];
    expect(refusals(judgeRounds(1, lucky))).toEqual([null, null, 'noise']);
    expect(judgeRounds(1, lucky).judgements[2]!.score).toBe(0);
    const short = lucky.map((one) => ({ ...one, steps: 0.1 }));
    expect(refusals(judgeRounds(1, short)), 'claiming fewer steps').toEqual([null, null, 'noise']);
    expect(refusals(judgeRounds(1, [gained('alone', 0.02, 0.02, 2.4)]))).toEqual(['noise']);
    expect(refusals(judgeRounds(1, [gained('alone', 0.02, 0.02, 2.6)]))).toEqual([null]);
  });

  it('takes nobody for noise in a round that is bad as a whole, or whose slope is no number', () => {
    const evidence = [0.01, -0.001, -0.002, -0.003].map((gain, index) =>
      gained(`trainer ${index}`, gain, gain, 1),
    );
    expect(refusals(judgeRounds(1, evidence))).toEqual([null, null, null, null]);
    expect(refusals(judgeRounds(1, [gained('a', 0.02, 0.02, Number.NaN)]))).toEqual([null]);
  });

  it('pays a lone newcomer', () => {
    const { judgements } = judgeRound(rate, new Map(), [gained('a', 0.02, 0.01)]);
    expect(judgements[0]).toMatchObject({ isAccepted: true, factors: { skill: 1, trust: 0.1 } });
    expect(scoresToU16(judgements)).toEqual([65_535]);
  });

  it('takes trust from one whose update helps its own data no more than any other', () => {
    const copies = judgeRounds(12, [gained('a', 0.02), gained('b', 0.02), gained('lazy', 0.02, 0.01)]);
    expect(copies.judgements[2]).toMatchObject({ score: 0, factors: { trust: 0 } });
  });

  it('scores what an update gains, and leaves its steps to the ledger', () => {
    const evidence = [gained('whole', 0.02), { ...gained('half', 0.02), steps: 0.5 }, gained('third', 0.01)];
    const { judgements } = judgeRounds(8, evidence);
    expect(refusals({ judgements, records: new Map() })).toEqual([null, null, null]);
    expect(judgements[1]!.score).toBe(judgements[0]!.score);
    expect(scoresToU16(judgements).slice(0, 2)).toEqual([65_535, 65_535]);
  });

  it('leaves missed rounds to the ledger, and names what came instead of an update', () => {
    const present = [gained('a', 0.02), gained('b', 0.02), gained('c', 0.02)];
    const missing: TrainerEvidence = {
      trainer: 'c',
      improvement: null,
      reason: 'missing',
      steps: 1,
      overlap: 0,
    };
    const before = judgeRounds(4, present);
    for (const misses of [1, 2]) {
      const away = judgeRounds(misses, [missing], before.records);
      expect(refusals(away)).toEqual(['missing']);
      expect(away.judgements[0]!.score).toBe(0);
      const back = judgeRound(rate, away.records, present);
      expect(back, `after ${misses} missed`).toEqual(judgeRound(rate, before.records, present));
    }
    for (const reason of ['malformed', 'stale'] as const)
      expect(refusals(judgeRounds(1, [{ ...missing, reason }]))).toEqual([reason]);
  });

  it('takes three quarters from whose updates made the loss worse in most of the last rounds', () => {
    const others = [gained('a', 0.02), gained('b', 0.02)];
    let { records } = judgeRounds(1, [...others, gained('c', 0.02)]);
    // Never three in a row.
    for (const gain of [-0.01, -0.01, 0.02, -0.01, -0.01, 0.02, -0.01])
      ({ records } = judgeRound(rate, records, [...others, gained('c', gain)]));
    const { judgements } = judgeRound(rate, records, [...others, gained('c', 0.02)]);
    expect(judgements[2]).toMatchObject({ isAccepted: true, factors: { penalty: 0.25 } });
    expect(judgements[0]).toMatchObject({ factors: { penalty: 1 } });
  });

  it('refuses a copy whatever it gains', () => {
    expect(refusals(judgeRounds(1, [gained('a', 0.02), { ...gained('b', 0.02), overlap: 0.9 }]))).toEqual([
      null,
      'copy',
    ]);
  });

  it('keeps records that are plain data', () => {
    const { records } = judgeRounds(2, [gained('a', 0.02), gained('b', 0.01)]);
    const kept = JSON.parse(JSON.stringify([...records])) as [string, TrainerRecord][];
    expect(new Map(kept)).toEqual(records);
    expect(JSON.parse(JSON.stringify(NEW_RECORD))).toEqual(NEW_RECORD);
  });
});

describe('the overlap of two updates', () => {
  const update = (seed: number) => {
    const codec = { kind: 'sparse', kept: 64 } as const;
    return decodeUpdate(encodeUpdate(HEADER, codec, TABLE, aChange(seed)).bytes, codec, TABLE);
  };

  it('is 1 between copies and about 0 between strangers', () => {
    expect(overlapOf(update(1), update(1))).toBe(1);
    expect(overlapOf(update(1), update(2))).toBeLessThan(0.1);
  });
});
