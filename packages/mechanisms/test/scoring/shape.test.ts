import { FX_ONE } from '@cairn/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  blendScore,
  checkScoringRules,
  DEFAULT_SCORING_RULES as RULES,
  scoresToWeights,
  shapeScores,
} from '../../src/scoring/shape.ts';
import { aHash } from '../builders.ts';

/** Right on all tasks but those listed. */
const marksOf = (name: string, tasks: number, wrong: readonly number[]) => ({
  miner: aHash(name),
  scores: Array.from({ length: tasks }, (_, index) => (wrong.includes(index) ? 0n : FX_ONE)),
});
const firstOf = (count: number, from = 0) => Array.from({ length: count }, (_, index) => from + index);
const relativeOf = (shaped: ReturnType<typeof shapeScores>, name: string) =>
  shaped.find(({ miner }) => miner.join() === aHash(name).join())?.relative;

describe('shapeScores', () => {
  it('pays two miners alike that differ by chance, and a weaker one clearly less', () => {
    const shaped = shapeScores(
      [
        marksOf('default', 48, [3]),
        marksOf('smaller file', 48, [3, 17, 30]),
        marksOf('base', 48, firstOf(14)),
        marksOf('cheat', 48, firstOf(47)),
      ],
      RULES,
    );
    expect(relativeOf(shaped, 'default')).toBe(FX_ONE);
    expect(relativeOf(shaped, 'smaller file')).toBe(FX_ONE);
    // (34/47)^3 = 0.37856736946, rounded down at every step
    expect(relativeOf(shaped, 'base')).toBe(378_567_368n);
    expect(relativeOf(shaped, 'cheat')).toBeLessThan(10_000n);
  });

  it('does not call a handful of tasks a tie', () => {
    const shaped = shapeScores([marksOf('good', 3, []), marksOf('bad', 3, [0, 1, 2])], RULES);
    expect(relativeOf(shaped, 'bad')).toBe(0n);
  });

  it('pays nobody when nobody is right', () => {
    const shaped = shapeScores([marksOf('a', 4, firstOf(4)), marksOf('b', 4, firstOf(4))], RULES);
    expect(shaped.map(({ relative }) => relative)).toEqual([0n, 0n]);
    expect(shapeScores([], RULES)).toEqual([]);
  });

  it('stays in range, keeps the order of means and ignores the order of miners', () => {
    const row = fc.array(fc.bigInt({ min: 0n, max: FX_ONE }), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1, maxLength: 6 }),
        fc.infiniteStream(fc.nat()),
        (rows, keys) => {
          const marks = rows.map((scores, index) => ({ miner: aHash(`miner ${index}`), scores }));
          const shaped = shapeScores(marks, RULES);
          const order = [...keys.take(marks.length)];
          const shuffled = marks
            .map((mark, index) => ({ mark, key: order[index] as number }))
            .sort((a, b) => a.key - b.key)
            .map(({ mark }) => mark);
          expect(shapeScores(shuffled, RULES)).toEqual(shaped);
          for (const { relative, mean } of shaped) {
            expect(relative >= 0n && relative <= FX_ONE).toBe(true);
            for (const other of shaped) {
              if (other.mean > mean && relative < FX_ONE) expect(other.relative >= relative).toBe(true);
            }
          }
        },
      ),
    );
  });
});

describe('blendScore', () => {
  it('starts a newcomer at its first score and moves towards each new one', () => {
    expect(blendScore(undefined, 700n, RULES)).toBe(700n);
    expect(blendScore(1000n, 0n, RULES)).toBe(600n);
    expect(blendScore(FX_ONE, FX_ONE, RULES)).toBe(FX_ONE);
  });
});

describe('scoresToWeights', () => {
  it('scales to 65,535 and lists zeros', () => {
    expect(
      scoresToWeights([
        { uid: 9, score: FX_ONE / 2n },
        { uid: 4, score: FX_ONE },
        { uid: 5, score: 0n },
      ]),
    ).toEqual({ uids: [4, 5, 9], values: [65_535, 0, 32_767] });
    expect(scoresToWeights([{ uid: 1, score: 0n }])).toEqual({ uids: [1], values: [0] });
  });
});

describe('scoring rules', () => {
  it('are refused out of their bounds', () => {
    expect(() => checkScoringRules(RULES)).not.toThrow();
    for (const changes of [
      { tasks: 0 },
      { tasks: 257 },
      { power: 0 },
      { blendPermille: 0 },
      { tieFloorPermille: 1001 },
    ]) {
      expect(() => checkScoringRules({ ...RULES, ...changes }), JSON.stringify(changes)).toThrow(
        expect.objectContaining({ code: 'PARAMS_INVALID' }),
      );
    }
  });
});
