import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { combineScores, measuredTasks, rankModels, searchModels, wilsonScore } from '../../src/index.ts';
import { aModel, anOffer, aWord } from './market.ts';

describe('the interval of a score', () => {
  it('is the one of Wilson', () => {
    // Worked by hand from the formula: 81 of 263, and all of 10.
    const some = wilsonScore(81 / 263, 263);
    expect(some.low).toBeCloseTo(0.2553, 4);
    expect(some.high).toBeCloseTo(0.3662, 4);
    const all = wilsonScore(1, 10);
    expect(all.low).toBeCloseTo(0.7225, 4);
    expect(all.high).toBeCloseTo(1, 12);
  });

  it('holds the share, lies in [0, 1] and narrows with trials', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (n, p) => {
          const { low, high } = wilsonScore(p, n);
          expect(low >= 0 && high <= 1 && low <= p + 1e-9 && high >= p - 1e-9).toBe(true);
          const more = wilsonScore(p, 2 * n);
          expect(more.high - more.low <= high - low + 1e-9).toBe(true);
        },
      ),
    );
  });
});

describe('the word of several validators', () => {
  it('is that of one when there is one, and weighs by stake', () => {
    expect(combineScores([])).toBe(null);
    expect(combineScores([{ right: 9, trials: 10, weight: 3 }])).toEqual(wilsonScore(0.9, 10));
    const liar = combineScores([
      { right: 90, trials: 100, weight: 99 },
      { right: 0, trials: 1_000_000, weight: 1 },
    ])!;
    expect(liar.share).toBeCloseTo(0.891, 6);
    expect(liar.trials).toBeLessThan(105);
  });

  it('of equals is that of all their trials together', () => {
    const two = combineScores([
      { right: 40, trials: 50, weight: 1 },
      { right: 45, trials: 50, weight: 1 },
    ])!;
    expect(two.share).toBeCloseTo(0.85, 12);
    expect(two.trials).toBeCloseTo(100, 9);
  });

  it('weighs the same from everybody when nobody has stake, and nothing from those without beside one', () => {
    expect(combineScores([{ right: 1, trials: 2, weight: 0 }])!.share).toBe(0.5);
    const silent = combineScores([
      { right: 1, trials: 2, weight: 0 },
      { right: 2, trials: 2, weight: 1 },
    ])!;
    expect(silent.share).toBe(1);
  });
});

describe('the leaderboard of a task', () => {
  const small = aModel(1, { parameters: 2_000_000n });
  const large = aModel(2, { parameters: 70_000_000_000n });
  const lucky = aModel(3);
  const models = [large, lucky, small];

  it('shows a small specialist that wins first, and few lucky trials not', () => {
    const evaluations = [aWord(large, 800, 1_000), aWord(lucky, 3, 3), aWord(small, 950, 1_000)];
    const ranked = rankModels({ models, offers: [], evaluations }, 'crontab');
    expect(ranked.map(({ model }) => model)).toEqual([small, large, lucky]);
    expect(ranked.map(({ isAhead }) => isAhead)).toEqual([true, false, true]);
  });

  it('of equals puts the smaller in front', () => {
    const evaluations = [aWord(large, 9, 10), aWord(small, 9, 10)];
    const ranked = rankModels({ models, offers: [], evaluations }, 'crontab');
    expect(ranked.map(({ model }) => model)).toEqual([small, large]);
    expect(ranked[0]!.isAhead).toBe(false);
  });

  it('counts no other task, and nobody who is no validator any more', () => {
    const evaluations = [
      aWord(large, 9, 10, { task: 'translate' }),
      aWord(small, 9, 10, { stake: null }),
      aWord(lucky, 1, 10, { stake: 0n }),
    ];
    const ranked = rankModels({ models, offers: [], evaluations }, 'crontab');
    expect(ranked.map(({ model }) => model)).toEqual([lucky]);
    expect(measuredTasks({ evaluations })).toEqual([
      { task: 'crontab', artifacts: 2 },
      { task: 'translate', artifacts: 1 },
    ]);
  });

  it('is not led by who praises itself on a subnet of its own, for which little stake speaks', () => {
    const evaluations = [
      aWord(large, 800, 1_000, { stake: 60n }),
      aWord(small, 900, 1_000, { stake: 100n }),
      aWord(lucky, 1_000_000, 1_000_000, { stake: 49n }),
    ];
    const ranked = rankModels({ models, offers: [], evaluations }, 'crontab');
    expect(ranked.map(({ model }) => model)).toEqual([small, large, lucky]);
    expect(ranked.map(({ isBacked, isAhead }) => [isBacked, isAhead])).toEqual([
      [true, true],
      [true, true],
      [false, false],
    ]);
    const unstaked = evaluations.map((each) => ({ ...each, stake: 0n }));
    expect(rankModels({ models, offers: [], evaluations: unstaked }, 'crontab')[0]!.isBacked).toBe(true);
  });

  it('takes nothing that an owner claims', () => {
    const claimed = {
      artifact: new Uint8Array(32).fill(4),
      task: 'crontab',
      right: 10,
      trials: 10,
      evidence: new Uint8Array(32),
    };
    const boaster = aModel(4, { evaluations: [claimed] });
    expect(rankModels({ models: [boaster], offers: [], evaluations: [] }, 'crontab')).toEqual([]);
  });
});

describe('a search', () => {
  const cron = aModel(1, { tasks: ['crontab'], languages: ['en'], capabilities: ['json_schema'] });
  const poet = aModel(2, {
    description: 'Writes Poems',
    languages: ['pt-br', 'en'],
    licence: 'CC-BY-NC-4.0',
  });
  const sold = aModel(3, { kind: 'embed', tasks: ['crontab'] });
  const idle = aModel(4);
  const offers = [anOffer(cron, 60n), anOffer(poet, 20n), anOffer(sold, 40n, 8), anOffer(cron, 50n, 7)];
  const evaluations = [aWord(cron, 95, 100), aWord(poet, 10, 100)];
  const registry = { models: [cron, poet, sold, idle], offers, evaluations };
  const names = (
    wishes: Parameters<typeof searchModels>[1],
    latencyOf?: Parameters<typeof searchModels>[2],
  ) => searchModels(registry, wishes, latencyOf).map(({ model }) => Number(model.card.name.slice(-1)));

  it.each([
    [{}, [2, 3, 1]],
    [{ isUnservedIncluded: true }, [2, 3, 1, 4]],
    [{ task: 'crontab' }, [1, 2, 3]],
    [{ task: 'crontab', minQuality: 0.5 }, [1]],
    [{ task: 'crontab', sort: 'price' }, [2, 3, 1]],
    [{ language: 'pt' }, [2]],
    [{ language: 'p' }, []],
    [{ words: ['POEMS'] }, [2]],
    [{ kind: 'embed' }, [3]],
    [{ capabilities: ['json_schema'] }, [1]],
    [{ licences: ['Apache-2.0', 'MIT'] }, [3, 1]],
    [{ maxOutputPerMillion: 50n }, [2, 3, 1]],
    [{ maxOutputPerMillion: 49n }, [2, 3]],
    [{ sort: 'newest' }, [3, 2, 1]],
    [{ maxLatencyMs: 100 }, []],
  ] as const)('for %o finds %o', (wishes, found) => {
    expect(names(wishes)).toEqual(found);
  });

  it('knows of latency what it is told', () => {
    const latencyOf = ({ provider }: { readonly provider: string }) =>
      provider === offers[2]!.provider ? 30 : 90;
    expect(names({ maxLatencyMs: 50 }, latencyOf)).toEqual([3]);
    expect(names({ sort: 'latency' }, latencyOf)).toEqual([3, 2, 1]);
  });

  it('shows only the offers that fit, the cheapest first', () => {
    const [found] = searchModels(registry, { task: 'crontab', maxOutputPerMillion: 60n });
    expect(found!.offers.map(({ terms }) => terms.price.outputPerMillion)).toEqual([50n, 60n]);
    expect(found!.standing!.score.share).toBe(0.95);
  });
});
